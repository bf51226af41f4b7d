import { chmodSync, chownSync, closeSync, lstatSync, openSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StatusError } from "../../core/error/error.ts";
import { cannotOpen } from "../fault.ts";
import { DatabaseSync } from "./connection.ts";
import { isBusy } from "./fault.ts";
import { HAS_MIGRATIONS } from "./statements-service.ts";

/**
 * The right to be the only server of a database file.
 *
 * It is SQLite's own exclusive lock on an empty file beside the database, `operations.db.lock`. The
 * operating system releases the lock however the process ends, so nothing needs cleaning up after
 * kill -9; the empty file stays and has no meaning by itself. The lock is not on the database
 * itself (`locking_mode = exclusive`), because an operator's tools must be able to read the
 * database while the server runs.
 */
export class FileLock {
  /**
   * Keeps a reference to every connection: the garbage collector closes unreferenced ones and so
   * releases their locks.
   */
  static readonly #held = new Set<FileLock>();
  readonly #connection: DatabaseSync;

  private constructor(connection: DatabaseSync) {
    this.#connection = connection;
    FileLock.#held.add(this);
  }

  /**
   * @param path the absolute path of the database; its folder exists
   * @throws {StatusError} FAILED_PRECONDITION while another store, of this process or another, has the file open
   */
  static take(path: string): FileLock {
    const file = `${realPathOf(path)}.lock`;
    makeLockFile(file, path);
    // `isHeld` of another process takes the lock for a moment.
    const connection = new DatabaseSync(file, { timeout: 100 });
    try {
      connection.exec("begin exclusive");
      return new FileLock(connection);
    } catch (error) {
      connection.close();
      if (!isBusy(error)) throw error;
      throw new StatusError(
        "FAILED_PRECONDITION",
        `Cannot open "${path}": another server has it open. Stop that server, or give this one another file; ` +
          "several servers on the same operations need PostgreSQL.",
        { metadata: { path }, cause: error },
      );
    }
  }

  /** Whether a store, of this process or another, has the file open. Acquires nothing. */
  static isHeld(path: string): boolean {
    const connection = new DatabaseSync(`${realPathOf(path)}.lock`, { timeout: 0, readOnly: true });
    try {
      connection.exec(HAS_MIGRATIONS);
      return false;
    } catch (error) {
      if (!isBusy(error)) throw error;
      return true;
    } finally {
      connection.close();
    }
  }

  /** Releases the lock. */
  release(): void {
    FileLock.#held.delete(this);
    if (this.#connection.isOpen) this.#connection.close();
  }
}

/**
 * The path without symbolic links, the same for every name of the file; the file itself need not
 * exist.
 */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realpathSync(dirname(path)), basename(path));
  }
}

/**
 * Creates the lock file for the owner of the database only: every user who can read it can lock it
 * and so keep the server from starting. An existing file is never opened here: closing it would
 * release the locks that this process holds on it.
 *
 * @throws {StatusError} FAILED_PRECONDITION if the file belongs to another user
 */
function makeLockFile(file: string, path: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) closeSync(openSync(file, "ax", 0o600));
  const [lock, database] = [lstatSync(file), statSync(path)];
  const me = process.geteuid?.() ?? lock.uid;
  const isStrange = !lock.isFile() || (lock.uid !== me && lock.uid !== database.uid);
  if (isStrange) {
    const problem = `its lock file "${file}" is a link, or belongs to another user (uid ${lock.uid})`;
    throw cannotOpen({ store: path, problem, remedy: "Remove it", mayPass: false, cause: undefined });
  }
  // Root creates it for a server that later runs as the owner of the database.
  if (me === 0 && lock.uid !== database.uid) chownSync(file, database.uid, database.gid);
  if ((lock.mode & 0o077) !== 0 && (me === 0 || me === lock.uid)) chmodSync(file, 0o600);
}
