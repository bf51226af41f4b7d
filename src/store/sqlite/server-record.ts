import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { invariant } from "../../core/invariant.ts";
import { cannotOpen } from "../fault.ts";
import { type FileIdentity, identityOf, isSame } from "./file-guard.ts";
import { FileLock, realPathOf } from "./lock.ts";
import { openImmutable } from "./inspect.ts";
import * as sql from "./statements-service.ts";

/**
 * Who has the database open, as it says itself: for those who come to the same file by another name, a hard link or after it was
 * renamed, and so find another lock. It is written at each start; whether that server still lives, its lock says.
 */
export interface ServerRecord {
  /** The database without symbolic links. */
  readonly path: string;
  readonly file: FileIdentity;
  readonly lock: FileIdentity;
}

/** Writes down that this process has the database, whose lock it holds. */
export function keepServer(database: DatabaseSync, path: string): void {
  const realPath = realPathOf(path);
  const [file, lock] = [identityOf(realPath), identityOf(`${realPath}.lock`)];
  invariant(file !== undefined && lock !== undefined, "a database that is open has its file and its lock");
  database.prepare(sql.KEEP_SERVER).run({ server: JSON.stringify({ path: realPath, file, lock }) });
}

/**
 * Refuses a file that another server has under another name, or left under another name with a part of it in its log there.
 * The lock of this name is held already.
 *
 * @returns milliseconds to wait before anything is written: the lock was deleted under a server that may still be there, and
 *   that one sees by then that it has to go
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

/** Reads the file as it lies there: no lock is taken and no log is made. A file that cannot be read so says nothing. */
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
