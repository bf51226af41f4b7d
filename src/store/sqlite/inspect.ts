import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DatabaseSync, openForReading } from "./connection.ts";
import { FileLock, realPathOf } from "./lock.ts";
import { configureReader, readSettings } from "./settings.ts";

/**
 * Opens a connection for short inspections: it takes no lock of a server and creates no file beside
 * the database. If no server has the file open, the connection ignores later changes of it, so do
 * not keep the connection.
 */
export function openToInspect(path: string): DatabaseSync {
  return hasWal(path) ? openForReading(path) : openImmutable(path);
}

/** Reads the database file alone: ignores the WAL and takes no locks. */
export function openImmutable(path: string): DatabaseSync {
  const database = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true });
  configureReader(database);
  return database;
}

/** SQLite's settings for the durability of commits. */
export interface SqliteState {
  readonly sqliteVersion: string;
  /** Such as `wal`; `delete` in a backup and in a file that no server has opened yet. */
  readonly journalMode: string;
  /** Whether a server has the file open. */
  readonly isServed: boolean;
}

/** Reads how commits become durable; changes nothing. */
export function inspectSqlite(path: string): SqliteState {
  const isServed = existsSync(`${realPathOf(path)}.lock`) && FileLock.isHeld(path);
  const database = openToInspect(path);
  try {
    const { sqliteVersion, journalMode } = readSettings(database);
    return { sqliteVersion, journalMode: isServed ? journalMode : journalModeOf(path), isServed };
  } finally {
    database.close();
  }
}

/** Whether both files of the log exist, so that reading creates none. */
function hasWal(path: string): boolean {
  const realPath = realPathOf(path);
  const log = statSync(`${realPath}-wal`, { throwIfNoEntry: false });
  return log !== undefined && existsSync(`${realPath}-shm`);
}

/**
 * The journal mode in the header of the file, because an immutable connection cannot be asked for
 * it. Do not call it for a file that a store of this process has open: closing the file would
 * release the locks of that store.
 *
 * @see https://sqlite.org/fileformat.html#file_format_version_numbers
 */
function journalModeOf(path: string): string {
  const handle = openSync(path, "r");
  try {
    const header = Buffer.alloc(20);
    readSync(handle, header, 0, header.length, 0);
    return header[WRITE_VERSION] === WAL_VERSION ? "wal" : "delete";
  } finally {
    closeSync(handle);
  }
}

const WRITE_VERSION = 18;
const WAL_VERSION = 2;
