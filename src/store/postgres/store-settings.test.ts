import { applyMigrations } from "../open.ts";
import { storeSuite } from "../store.suite.ts";
import { HOSTILE, server, set } from "./a-database.suite.ts";
import { aSubject } from "./a-subject.suite.ts";

/** A database with different settings from the beginning. */
async function aHostileDatabase(): Promise<string> {
  const address = await server.createDatabase();
  await set(address, HOSTILE);
  await applyMigrations(address);
  return address;
}

const address = await aHostileDatabase();
storeSuite(aSubject({ name: "PostgreSQL, every setting as it should not be", address, listRuns: 60 }));
