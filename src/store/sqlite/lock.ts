import { chmodSync, chownSync, closeSync, lstatSync, openSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StatusError } from "../../core/error/error.ts";
import { cannotOpen } from "../fault.ts";
import { DatabaseSync } from "./connection.ts";
import { isBusy } from "./fault.ts";
import { HAS_MIGRATIONS } from "./statements-service.ts";

/**
 * The right to be the one server of a database file.
 *
 * It is SQLite's own exclusive lock on an empty file beside the database, `operations.db.lock`. The operating system
 * lets go of it when the process ends, however it ends, so that nothing is left to clean up after kill -9; the empty
 * file stays and means nothing. The lock is not on the database itself (`locking_mode = exclusive`) since an operator's
 * tools must be able to read the database while the server runs.
 */
export class FileLock {
  /** A connection that nobody refers to is closed by the garbage collector, and its lock is gone: these are referred to. */
  static readonly #held = new Set<FileLock>();
  readonly #connection: DatabaseSync;

  private constructor(connection: DatabaseSync) {
    this.#connection = connection;
    FileLock.#held.add(this);
  }

  /**
   * @param path of the database, absolute; its folder exists
   * @throws {StatusError} FAILED_PRECONDITION while another store, of this process or another, has the file open
   */
  static take(path: string): FileLock {
    const file = `${realPathOf(path)}.lock`;
    makeLockFile(file, path);
    // Somebody who looks whether it is held has it for a moment.
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

  /** Whether a store, of this process or another, has the file open. Takes nothing. */
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

  /** Lets others have the file. */
  release(): void {
    FileLock.#held.delete(this);
    if (this.#connection.isOpen) this.#connection.close();
  }
}

/** The same for every name of the file, symbolic links included; the file itself need not exist yet. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realpathSync(dirname(path)), basename(path));
  }
}

/**
 * Makes the lock file for the owner of the database alone: whoever can read it can lock it, and so keep the server from starting.
 * A file that is there is never opened here: to close it would end the locks that this process has on it.
 *
 * @throws {StatusError} FAILED_PRECONDITION where it is somebody else's
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
  // As root, for the server that comes later as the database's owner.
  if (me === 0 && lock.uid !== database.uid) chownSync(file, database.uid, database.gid);
  if ((lock.mode & 0o077) !== 0 && (me === 0 || me === lock.uid)) chmodSync(file, 0o600);
}
