import { after } from "node:test";
import type { Clock } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";
import { applyMigrations, openStore } from "../open.ts";
import { storeSuite } from "../store.suite.ts";
import { aMigratedAddress, HOSTILE, server, set } from "./a-database.suite.ts";
import { Database } from "./database.ts";
import { PostgresStore } from "./store.ts";

/** One database for all cases of a mode, emptied before each: making one takes longer than most cases. */
function subject(name: string, address: string): void {
  const emptying = new Database({ address, connections: 1 });
  after(() => emptying.close());
  const open = (clock: Clock): Promise<Store> => openStore(address, { clock, postgres: { connections: 4 } });
  storeSuite({
    name,
    open: async (clock) => {
      await emptying.query("truncate operations, parallel_keys");
      return open(clock);
    },
    reopen: open,
    held: async () =>
      (
        await emptying.query(`
          select application_name from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`)
      ).map(([session]) => String(session)),
    // Each page is some statements over a socket; plans and conditions are those of SQLite, which draws more.
    listRuns: 60,
    settle: async (store) => {
      if (store instanceof PostgresStore) await store.idle();
    },
  });
}

/** A database that is set otherwise from its beginning. */
async function aHostileDatabase(): Promise<string> {
  const address = await server.createDatabase();
  await set(address, HOSTILE);
  await applyMigrations(address);
  return address;
}

// All before the first case: the server ends behind the last that there is.
const [usual, hostile] = await Promise.all([aMigratedAddress(), aHostileDatabase()]);
subject("PostgreSQL", usual);
subject("PostgreSQL, every setting as it should not be", hostile);
