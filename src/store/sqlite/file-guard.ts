import { statSync } from "node:fs";
import type { Clock } from "../../core/ports/clock.ts";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { WriterPort } from "./messages.ts";

/** Which file stands under a name: two names of one file have one. */
export interface FileIdentity {
  readonly device: string;
  readonly inode: string;
}

/** The file under a name; undefined where there is none. @throws {Error} of the system, when it cannot be looked at */
export function identityOf(path: string): FileIdentity | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : { device: String(stats.dev), inode: String(stats.ino) };
}

/** Whether both are one file. */
export function isSame(one: FileIdentity | undefined, other: FileIdentity | undefined): boolean {
  return one !== undefined && one.device === other?.device && one.inode === other.inode;
}

interface Parts {
  /** Of the database, as it was opened. */
  readonly path: string;
  /** The same without symbolic links: SQLite puts its files beside this one. */
  readonly realPath: string;
  readonly clock: Clock;
  readonly onLost: (error: StatusError) => void;
}

/**
 * Looks whether the files that are open still stand under their names.
 *
 * Linux lets everybody delete, rename and replace a file that a server has open. The server would go on acknowledging into a
 * file that nobody finds again, or beside a second server on the new one. So it looks at the names when it writes, ten times a
 * second at the most, before and after each commit: when one of them leads elsewhere, nothing is acknowledged any more.
 */
export class FileGuard {
  readonly #parts: Parts;
  readonly #known: readonly (readonly [path: string, what: keyof typeof LOST, identity: FileIdentity])[];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lost: StatusError | undefined;

  /** All files are there by now. */
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

  /** @throws {StatusError} STORE_UNAVAILABLE once a file is not where it was */
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

  /** A writer that looks before it writes, and again before anybody is told that something was written. */
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
    this.#lost = serviceError("STORE_UNAVAILABLE", "The store is not available; nothing was acknowledged.", {
      cause: told,
    });
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

/** A name that cannot be looked at for another reason than that nothing is there may still be the file's. */
function lookedAt(path: string, known: FileIdentity): FileIdentity | undefined {
  try {
    return identityOf(path);
  } catch {
    return known;
  }
}
