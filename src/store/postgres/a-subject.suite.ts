import { after } from "node:test";
import { emptyTables } from "../../../test/support/emptying.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";
import { openStore } from "../open.ts";
import type { StoreSubject } from "../suite/subject.suite.ts";
import { Database } from "./database.ts";
import type { PostgresOptions } from "./open.ts";
import { PostgresStore } from "./store.ts";

/** The parts of a subject for the store suite. */
export interface SubjectParts {
  readonly name: string;
  /** The address with which the store is opened. */
  readonly address: string;
  /** The address of the same database that bypasses a pooler, which keeps connections. */
  readonly direct?: string;
  /**
   * The number of random lists. Each takes several statements over a socket; the plans and
   * conditions are those of SQLite, which runs more lists.
   */
  readonly listRuns: number;
  readonly options?: PostgresOptions;
  readonly isDistributed?: boolean;
}

/** The sessions of a database, except our own and those between the nodes of a cluster. */
const SESSIONS = `
  select pid || ' ' || application_name from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and application_name not like 'citus%'`;

/** One database for all cases, emptied before each. */
export function aSubject({
  name,
  address,
  direct,
  listRuns,
  options,
  isDistributed = false,
}: SubjectParts): StoreSubject {
  const outside = new Database({ address: direct ?? address, connections: 1 });
  after(() => outside.close());
  const open = (clock: Clock): Promise<Store> =>
    openStore(address, { clock, postgres: { connections: 4, ...options } });
  const held = async (): Promise<string[]> =>
    (await outside.query(SESSIONS)).map(([session]) => String(session));
  return {
    name,
    open: async (clock) => {
      await emptyTables((text) => outside.query(text));
      return open(clock);
    },
    reopen: open,
    ...(direct === undefined ? { held } : {}),
    listRuns,
    isDistributed,
    settle: async (store) => {
      if (store instanceof PostgresStore) await store.idle();
    },
  };
}
