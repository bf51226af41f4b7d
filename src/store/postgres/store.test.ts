import { applyMigrations } from "../open.ts";
import { storeSuite } from "../store.suite.ts";
import { aMigratedAddress, HOSTILE, server, set } from "./a-database.suite.ts";
import { aSubject } from "./a-subject.suite.ts";

/** A database that is set otherwise from its beginning. */
async function aHostileDatabase(): Promise<string> {
  const address = await server.createDatabase();
  await set(address, HOSTILE);
  await applyMigrations(address);
  return address;
}

// All before the first case: the server ends behind the last that there is.
const [usual, hostile] = await Promise.all([aMigratedAddress(), aHostileDatabase()]);
storeSuite(aSubject({ name: "PostgreSQL", address: usual, listRuns: 60 }));
storeSuite(
  aSubject({ name: "PostgreSQL, every setting as it should not be", address: hostile, listRuns: 60 }),
);
