import type { DatabaseSync } from "node:sqlite";
import { invariant } from "../../core/invariant.ts";
import type { StoreFacts } from "../../core/ports/described-store.ts";
import * as service from "./statements-service.ts";
import * as session from "./statements-session.ts";

/** Configures the connection that writes. */
export function configureWriter(database: DatabaseSync): void {
  for (const pragma of session.WRITER_PRAGMAS) database.exec(pragma);
}

/** Configures a connection that reads. */
export function configureReader(database: DatabaseSync): void {
  for (const pragma of session.READER_PRAGMAS) database.exec(pragma);
}

/** The settings in force on a connection, as SQLite reports them. */
export interface SqliteSettings {
  readonly sqliteVersion: string;
  /** `wal` on disk, `memory` in memory. */
  readonly journalMode: string;
  readonly synchronous: "off" | "normal" | "full" | "extra";
  readonly fullFsync: boolean;
  readonly walAutocheckpointPages: number;
  readonly busyTimeoutMs: number;
  /** Negative: KiB; positive: pages (SQLite's convention). */
  readonly cacheSize: number;
  readonly pageSizeBytes: number;
}

const SYNCHRONOUS_LEVELS = ["off", "normal", "full", "extra"] as const;

/** Reads the settings of a connection. */
export function readSettings(database: DatabaseSync): SqliteSettings {
  const synchronous = SYNCHRONOUS_LEVELS[Number(ask(database, service.ASK.SYNCHRONOUS))];
  invariant(synchronous !== undefined, "SQLite told a value of `synchronous` that it does not document");
  return {
    sqliteVersion: String(ask(database, service.ASK.SQLITE_VERSION)),
    journalMode: String(ask(database, service.ASK.JOURNAL_MODE)),
    synchronous,
    fullFsync: Number(ask(database, service.ASK.FULL_FSYNC)) === 1,
    walAutocheckpointPages: Number(ask(database, service.ASK.WAL_AUTOCHECKPOINT)),
    busyTimeoutMs: Number(ask(database, service.ASK.BUSY_TIMEOUT)),
    cacheSize: Number(ask(database, service.ASK.CACHE_SIZE)),
    pageSizeBytes: Number(ask(database, service.ASK.PAGE_SIZE)),
  };
}

/** The facts about the database for operators. */
export function factsOf(database: DatabaseSync): StoreFacts {
  const { name, schema } = database.prepare(service.FACTS).get() ?? {};
  return { name: String(name), schema: Number(schema) };
}

function ask(database: DatabaseSync, question: string): unknown {
  return Object.values(database.prepare(question).get() ?? {})[0];
}
