import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../core/error.ts";
import { isBusy } from "./fault.ts";

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
    const connection = new DatabaseSync(`${realPath(path)}.lock`, { timeout: 0 });
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

  /** Lets others have the file. */
  release(): void {
    FileLock.#held.delete(this);
    if (this.#connection.isOpen) this.#connection.close();
  }
}

/** The same for every name of the file, symbolic links included; the file itself need not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realpathSync(dirname(path)), basename(path));
  }
}
