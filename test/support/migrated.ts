import { applyMigrations } from "../../src/store/open.ts";
import { checkPromises } from "./promises.ts";

/** The address of the database with our tables that a whole run copies. */
const TEMPLATE = "TEST_POSTGRES_TEMPLATE";

/** A server or a cluster that creates databases. */
export interface Maker {
  readonly port?: number;
  /** @param template the address of a database to copy */
  createDatabase(template?: string): Promise<string>;
}

/**
 * The address of a new database with our tables; a copy, if the server is the one that a whole run
 * shares.
 */
export async function migratedDatabase(maker: Maker): Promise<string> {
  const template = process.env[TEMPLATE];
  if (template !== undefined && new URL(template).port === String(maker.port))
    return await maker.createDatabase(template);
  const address = await maker.createDatabase();
  await applyMigrations(address);
  await checkPromises(address);
  return address;
}

/** Creates the database to copy: a migration takes five times as long as a copy. */
export async function makeTemplate(maker: Maker): Promise<void> {
  process.env[TEMPLATE] = await migratedDatabase(maker);
}
