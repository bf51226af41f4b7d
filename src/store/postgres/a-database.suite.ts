import assert from "node:assert/strict";
import { after } from "node:test";
import { migratedDatabase } from "../../../test/support/migrated.ts";
import { postgresForTests } from "../../../test/support/postgres.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { InsertCommand } from "../../core/ports/store.ts";
import { Database, type DatabaseOptions, type Query, type Row } from "./database.ts";
import { prepare, type Prepared } from "./prepared.ts";
import { Writer, type WriterParts } from "./writer.ts";

/**
 * One server for each test file; its databases are deleted with it and need not survive a crash.
 */
export const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());

/** The address of a new database with our tables. */
export function aMigratedAddress(): Promise<string> {
  return migratedDatabase(server);
}

/**
 * Settings that databases and roles have elsewhere: for older programs, for reports, or against
 * hanging sessions. None of them may change the meaning of our statements. The limits of time
 * differ from ours, and leave a session on a slow machine the time to set ours.
 */
export const HOSTILE = {
  array_nulls: "off",
  backslash_quote: "off",
  bytea_output: "escape",
  client_encoding: "latin1",
  client_min_messages: "error",
  datestyle: "SQL, DMY",
  default_transaction_deferrable: "on",
  default_transaction_isolation: "serializable",
  enable_bitmapscan: "off",
  enable_hashagg: "off",
  enable_indexonlyscan: "off",
  enable_indexscan: "off",
  enable_material: "off",
  enable_memoize: "off",
  enable_nestloop: "off",
  enable_sort: "off",
  escape_string_warning: "off",
  exit_on_error: "on",
  extra_float_digits: "-15",
  from_collapse_limit: "1",
  idle_in_transaction_session_timeout: "20s",
  idle_session_timeout: "20s",
  intervalstyle: "sql_standard",
  join_collapse_limit: "1",
  lock_timeout: "20s",
  plan_cache_mode: "force_custom_plan",
  quote_all_identifiers: "on",
  row_security: "off",
  session_replication_role: "replica",
  standard_conforming_strings: "off",
  statement_timeout: "20s",
  synchronous_commit: "off",
  timezone: "Asia/Kathmandu",
  transaction_timeout: "20s",
  transform_null_equals: "on",
  xmlbinary: "hex",
} as const;

/** Applies the settings to a database for all later sessions. */
export async function set(address: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const name = new URL(address).pathname.slice(1);
  const database = new Database({ address, connections: 1, patient: true });
  for (const [setting, value] of Object.entries(settings)) {
    await database.query(`alter database ${name} set ${setting} = '${value}'`);
  }
  await database.close();
}

/** A database that is closed when the test file ends. */
export function open(address: string, options: Partial<DatabaseOptions> = {}): Database {
  const database = new Database({ address, connections: 4, ...options });
  after(() => database.close());
  return database;
}

/** Starts of operations without a limit, prepared for a batch. */
export function inserts(operations: readonly Operation[]): readonly Prepared<InsertCommand>[] {
  return operations.map((operation) => prepare({ verb: "insert", operation } as const));
}

/** The query function of a database. */
export function queryOf(database: Database): Query {
  return (text, parameters) => database.query(text, parameters);
}

/** The error with which a promise rejects. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("expected a failure"),
    (error: unknown) => error,
  );
}

/** A writer on the real clock. */
export function writerOn(database: Database, parts: Partial<WriterParts> = {}): Writer {
  return new Writer({
    database,
    random: systemRandom,
    now: () => systemClock.now(),
    time: () => systemClock.now(),
    clock: systemClock,
    tell: {},
    committed: () => {},
    ...parts,
  });
}

/**
 * A database whose network ends the connection after the commit and before the answer, the worst
 * moment. The statements that run while `losing` is positive are carried out, but their answers are
 * lost.
 */
export class LosingDatabase extends Database {
  /** The number of answers to lose, after `sparing` answers that arrive. */
  losing = 0;
  sparing = 0;
  /** The number of statements that no connection can be had for, after `sparing` that are carried out. */
  refusing = 0;
  /** The number of statements and transactions carried out. */
  carriedOut = 0;

  override async query(text: string, parameters?: Parameters<Query>[1]): Promise<readonly Row[]> {
    if (this.refusing > 0 && this.sparing-- <= 0) {
      this.sparing = 0;
      this.refusing--;
      throw Object.assign(new Error("sorry, too many clients already"), {
        name: "PostgresError",
        code: "53300",
      });
    }
    return this.#lose(await super.query(text, parameters));
  }

  override async transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#lose(await super.transaction(run));
  }

  #lose<Answer>(answer: Answer): Answer {
    this.carriedOut++;
    if (this.losing === 0 || this.sparing-- > 0) return answer;
    this.sparing = 0;
    this.losing--;
    throw Object.assign(new Error("The connection ended"), { code: "CONNECTION_CLOSED" });
  }
}

/** A database with our tables that can lose answers. */
export async function aLosingDatabase(): Promise<LosingDatabase> {
  const database = new LosingDatabase({ address: await aMigratedAddress(), connections: 4 });
  after(() => database.close());
  return database;
}
