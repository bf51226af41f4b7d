import { after } from "node:test";
import { postgresForTests } from "../../../test/support/postgres.ts";
import { checkPromises } from "../../../test/support/promises.ts";
import type { Clock } from "../../core/clock.ts";
import type { Store } from "../../core/store.ts";
import { applyMigrations, openStore } from "../open.ts";
import { storeSuite } from "../store.suite.ts";
import { Database } from "./database.ts";
import { PostgresStore } from "./store.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());

async function aDatabase(): Promise<string> {
  const address = await server.createDatabase();
  await applyMigrations(address);
  await checkPromises(address);
  return address;
}

/** One database for all cases of a mode, emptied before each: making one takes longer than most cases. */
function subject(name: string, address: string, plainSql: boolean): void {
  const emptying = new Database({ address, connections: 1 });
  after(() => emptying.close());
  const open = (clock: Clock): Promise<Store> =>
    openStore(address, { clock, postgres: { plainSql, connections: 4 } });
  storeSuite({
    name,
    open: async (clock) => {
      await emptying.query("truncate operations, parallel_keys");
      return open(clock);
    },
    reopen: open,
    // Each page is some statements over a socket; plans and conditions are those of SQLite, which draws more.
    listRuns: 60,
    settle: async (store) => {
      if (store instanceof PostgresStore) await store.idle();
    },
  });
}

// Both before the first case: the server ends behind the last that there is.
const [usual, plain] = await Promise.all([aDatabase(), aDatabase()]);
subject("PostgreSQL", usual, false);
subject("PostgreSQL, plain SQL", plain, true);
