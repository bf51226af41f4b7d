import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { invariant } from "../../core/invariant.ts";
import { cannotOpen } from "../fault.ts";
import { type FileIdentity, identityOf, isSame } from "./file-guard.ts";
import { FileLock, realPathOf } from "./lock.ts";
import { openImmutable } from "./inspect.ts";
import * as sql from "./statements-service.ts";

/**
 * Identifies the server that has the database open. A process that opens the same file by another
 * name (a hard link, or a new name) finds a different lock file, but the same record. The server
 * writes it at each start; the lock shows whether that server still runs.
 */
export interface ServerRecord {
  /** The path of the database without symbolic links. */
  readonly path: string;
  readonly file: FileIdentity;
  readonly lock: FileIdentity;
}

/** Records that this process has the database open and holds its lock. */
export function keepServer(database: DatabaseSync, path: string): void {
  const realPath = realPathOf(path);
  const [file, lock] = [identityOf(realPath), identityOf(`${realPath}.lock`)];
  invariant(file !== undefined && lock !== undefined, "a database that is open has its file and its lock");
  database.prepare(sql.KEEP_SERVER).run({ server: JSON.stringify({ path: realPath, file, lock }) });
}

/**
 * Rejects a file that another server has open under another name, or left under another name
 * together with a log that holds part of its data. The lock of the current name is already held.
 *
 * @returns the milliseconds to wait before the first write: the lock was deleted, its server may
 *   still run, and it notices within this time that it must stop
 * @throws {StatusError} FAILED_PRECONDITION
 */
export function checkServer(path: string, goneMs: number): number {
  const record = readServer(path);
  const realPath = realPathOf(path);
  if (record === undefined || !isSame(record.file, identityOf(realPath))) return 0;
  const lock = `${record.path}.lock`;
  if (record.path === realPath) return isSame(record.lock, identityOf(lock)) ? 0 : goneMs;
  if (isSame(record.lock, identityOf(`${realPath}.lock`))) return 0;
  const refuse = (problem: string, remedy: string): never => {
    throw cannotOpen({ store: path, problem, remedy, mayPass: false, cause: undefined });
  };
  if (isSame(record.lock, identityOf(lock)) && FileLock.isHeld(record.path)) {
    refuse(
      `another server has the same file open as "${record.path}"`,
      "Stop that server, or give this one another file",
    );
  }
  const log = `${record.path}-wal`;
  if (existsSync(log) && statSync(log).size > 0) {
    refuse(
      `it was renamed after a server had ended without closing it, and its newest part lies in "${log}"`,
      `Rename the file back to "${record.path}" and start there once, or rename that file along`,
    );
  }
  return 0;
}

/**
 * Reads the file as it is: takes no lock and creates no log. Undefined if the file cannot be read.
 */
function readServer(path: string): ServerRecord | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = openImmutable(path);
    const text = database.prepare(sql.READ_SERVER).get()?.["server"];
    return typeof text === "string" ? (JSON.parse(text) as ServerRecord) : undefined;
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}
