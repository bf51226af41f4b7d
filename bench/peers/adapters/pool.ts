import { installed } from "../install.ts";

/** The part of pg's pool that is used. */
export interface Pool {
  query(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

interface Module {
  readonly default: { readonly Pool: new (options: object) => Pool };
}

/** Our own connections to a peer's database, for questions that its package does not answer. */
export async function openPool(address: string, max: number): Promise<Pool> {
  const { default: pg } = await installed<Module>("pg");
  return new pg.Pool({ connectionString: address, max });
}
