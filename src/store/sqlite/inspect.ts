import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DatabaseSync, openForReading } from "./connection.ts";
import { FileLock, realPathOf } from "./lock.ts";
import { configureReader, readSettings } from "./settings.ts";

/**
 * A connection for whoever only looks: it takes no lock of a server's, and makes no file beside the database. A file that no
 * server has is read as it lies there, so this is not for those who stay.
 */
export function openToInspect(path: string): DatabaseSync {
  return hasWal(path) ? openForReading(path) : openImmutable(path);
}

/** The file itself, whatever its log says, without locks. */
export function openImmutable(path: string): DatabaseSync {
  const database = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true });
  configureReader(database);
  return database;
}

/** What SQLite says of how commits become durable. */
export interface SqliteState {
  readonly sqliteVersion: string;
  /** Such as `wal`; `delete` in a file that no server has opened yet, and in a backup. */
  readonly journalMode: string;
  /** Whether a server has the file open. */
  readonly isServed: boolean;
}

/** Looks how commits become durable, and changes nothing. */
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

/** Whether both files of the log are there, so that reading makes none. */
function hasWal(path: string): boolean {
  const realPath = realPathOf(path);
  const log = statSync(`${realPath}-wal`, { throwIfNoEntry: false });
  return log !== undefined && existsSync(`${realPath}-shm`);
}

/**
 * As the header says: a connection that takes the file as it lies cannot be asked. Not for a file that a store of this process has
 * open, since to close it would end that store's locks.
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
