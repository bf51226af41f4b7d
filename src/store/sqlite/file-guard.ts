import { statSync } from "node:fs";
import type { Clock } from "../../core/ports/clock.ts";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { WriterPort } from "./messages.ts";

/** Identifies a file regardless of its name: all names of one file give the same identity. */
export interface FileIdentity {
  readonly device: string;
  readonly inode: string;
}

/**
 * The identity of a file; undefined if there is none. @throws {Error} of the system if the file
 * cannot be examined
 */
export function identityOf(path: string): FileIdentity | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : { device: String(stats.dev), inode: String(stats.ino) };
}

/** Whether both identities are of the same file. */
export function isSame(one: FileIdentity | undefined, other: FileIdentity | undefined): boolean {
  return one !== undefined && one.device === other?.device && one.inode === other.inode;
}

interface Parts {
  /** The path of the database, as it was opened. */
  readonly path: string;
  /** The path without symbolic links, beside which SQLite puts its files. */
  readonly realPath: string;
  readonly clock: Clock;
  readonly onLost: (error: StatusError) => void;
}

/**
 * Checks whether the open files still have their names.
 *
 * Linux lets anybody delete, rename or replace a file that a server has open. The server would then
 * acknowledge writes into a file that nobody can find again, or run beside a second server on the
 * new file. The guard therefore checks the names before and after each commit, at most ten times a
 * second. Once a name leads to another file, the store acknowledges no more writes.
 */
export class FileGuard {
  readonly #parts: Parts;
  readonly #known: readonly (readonly [path: string, what: keyof typeof LOST, identity: FileIdentity])[];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lost: StatusError | undefined;

  /** All files exist at this point. */
  constructor(parts: Parts) {
    this.#parts = parts;
    const { path, realPath } = parts;
    const files = [
      [path, "database"],
      [`${realPath}.lock`, "lock"],
      [`${realPath}-wal`, "log"],
      [`${realPath}-shm`, "log"],
    ] as const;
    this.#known = files.flatMap(([name, what]) => {
      const identity = identityOf(name);
      return identity === undefined ? [] : [[name, what, identity] as const];
    });
  }

  /** @throws {StatusError} STORE_UNAVAILABLE once a file has been moved, replaced or deleted */
  check(): void {
    if (this.#lost !== undefined) throw this.#lost;
    const now = this.#parts.clock.monotonic();
    if (now - this.#lookedAt < LIMITS.fileCheckMs) return;
    this.#lookedAt = now;
    for (const [path, what, identity] of this.#known) {
      const found = lookedAt(path, identity);
      if (!isSame(found, identity)) this.#lose(path, what, found === undefined);
    }
  }

  /**
   * Wraps a writer: checks the files before each write, and again before the write is acknowledged.
   */
  around(writer: WriterPort): WriterPort {
    const guarded = async <Answer>(write: () => Promise<Answer>): Promise<Answer> => {
      this.check();
      const answer = await write();
      this.check();
      return answer;
    };
    return {
      write: (...call) => guarded(() => writer.write(...call)),
      writeBeside: (...call) => guarded(() => writer.writeBeside(...call)),
      settings: () => writer.settings(),
      close: (...call) => writer.close(...call),
    };
  }

  #lose(path: string, what: keyof typeof LOST, isGone: boolean): never {
    const problem = isGone
      ? `"${path}" was deleted or renamed while the server had it open`
      : `"${path}" was replaced by another file while the server had it open`;
    const told = `${problem}. ${LOST[what]}`;
    const shown = "The database cannot be used any more, and the call was not confirmed.";
    this.#lost = serviceError("STORE_UNAVAILABLE", shown, { cause: told });
    this.#parts.onLost(serviceError("STORE_UNAVAILABLE", told, { metadata: { path } }));
    throw this.#lost;
  }
}

const LOST = {
  database:
    "Put the file back under its name, with the -wal file that lies beside it, or restore a backup; then start again.",
  lock: "Without it a second server could open the same database. Start again, and leave that file alone.",
  log: "It is a part of the database while a server runs. Start again; what was acknowledged has been kept if this server ends in order.",
} as const;

/**
 * If examining a name fails for a reason other than a missing file, assume that the file is
 * unchanged.
 */
function lookedAt(path: string, known: FileIdentity): FileIdentity | undefined {
  try {
    return identityOf(path);
  } catch {
    return known;
  }
}
