import { applyMigrations } from "../../src/store/open.ts";
import { checkPromises } from "./promises.ts";

/** Where the database with our tables is that a whole run copies. */
const TEMPLATE = "TEST_POSTGRES_TEMPLATE";

/** A server or a cluster that makes databases. */
export interface Maker {
  readonly port?: number;
  /** @param template the address of a database to copy */
  createDatabase(template?: string): Promise<string>;
}

/** The address of a new database with our tables: a copy, where the server is the one that a whole run shares. */
export async function migratedDatabase(maker: Maker): Promise<string> {
  const template = process.env[TEMPLATE];
  if (template !== undefined && new URL(template).port === String(maker.port))
    return await maker.createDatabase(template);
  const address = await maker.createDatabase();
  await applyMigrations(address);
  await checkPromises(address);
  return address;
}

/** Makes the database to copy: to migrate one takes five times as long. */
export async function makeTemplate(maker: Maker): Promise<void> {
  process.env[TEMPLATE] = await migratedDatabase(maker);
}
