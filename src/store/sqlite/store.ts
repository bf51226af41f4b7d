import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";
import { StatusError } from "../../core/error.ts";
import type { Log } from "../../core/log.ts";
import type { Operation } from "../../core/operation.ts";
import type {
  AnswerTo,
  Change,
  Command,
  DueAnswer,
  DueQuery,
  LeaseKeeper,
  ListAnswer,
  ListQuery,
  Store,
} from "../../core/store.ts";
import { ClockKeeper } from "../leases/clock-keeper.ts";
import { checkTexts } from "../texts.ts";
import { faultError, faultOf } from "./fault.ts";
import { JustEnded } from "./just-ended.ts";
import { Listeners } from "../listeners.ts";
import type { FileLock } from "./lock.ts";
import { Reader } from "./reader.ts";
import type { SqliteSettings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import type { SteadyTime } from "./steady-time.ts";
import { shuttingDown } from "../fault.ts";
import { COMMITS_SENT, WriteQueue } from "./write-queue.ts";
import type { WriterPort } from "./messages.ts";

/** What a store is put together from. */
export interface SqliteStoreParts {
  readonly clock: Clock;
  readonly log: Log;
  /** The store's clock. */
  readonly time: SteadyTime;
  readonly key: Uint8Array;
  /** The main thread's connection. It is the writer's own in memory. */
  readonly reading: DatabaseSync;
  /** Absent in a store that only reads. */
  readonly writer?: WriterPort;
  /** By default one on the main thread's clock. */
  readonly keeper?: LeaseKeeper | undefined;
  readonly lock?: FileLock;
}

/**
 * Operations in SQLite.
 *
 * Words: the *writer* owns the connection that writes and lives in a thread where there is a file; *reading* happens on
 * the main thread, on a connection of its own that sees every commit (WAL). Authority: this process is the only one that
 * writes, and its clock is the store's (steady-time.ts). On failure: a transaction that fails is rolled back
 * whole and its callers are told; a writer that died refuses everything from then on.
 *
 * Listeners hear of a commit just before the calls whose commands it held resolve: a cache that listens is never behind
 * an answer.
 */
export class SqliteStore implements Store {
  /** There is one writer: while it carries one batch out, the next is there already. */
  readonly writesInFlight = COMMITS_SENT;
  readonly pollMs = null;
  readonly tellsOfOthers = true;
  readonly key: Uint8Array;
  readonly keeper: LeaseKeeper;
  readonly #clock: Clock;
  readonly #reading: DatabaseSync;
  readonly #reader: Reader;
  readonly #writer: WriterPort | undefined;
  readonly #lock: FileLock | undefined;
  readonly #queue: WriteQueue;
  readonly #justEnded = new JustEnded();
  readonly #ownKeeper: ClockKeeper;
  readonly #listeners: Listeners<readonly Change[]>;
  readonly #time: SteadyTime;
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteStoreParts) {
    const { clock, log, writer } = parts;
    this.key = parts.key;
    this.#clock = clock;
    this.#time = parts.time;
    this.#reading = parts.reading;
    this.#reader = new Reader(parts.reading);
    this.#writer = writer;
    this.#lock = parts.lock;
    this.#listeners = new Listeners(log);
    this.#queue = new WriteQueue({
      send: (calls) => (writer === undefined ? Promise.reject(readOnly()) : writer.write(calls, this.time())),
      committed: (calls, outcomes) => this.#justEnded.replace(calls, outcomes),
      tell: (changes) => this.#listeners.tell(changes),
    });
    this.#ownKeeper = new ClockKeeper({ clock, log, renew: (commands) => this.write(commands) });
    this.keeper = parts.keeper ?? this.#ownKeeper;
  }

  time(): number {
    return this.#time.now();
  }

  async write<C extends Command>(commands: readonly C[]): Promise<readonly AnswerTo<C>[]> {
    checkTexts(commands);
    return this.#queue.add(this.#removing(commands));
  }

  read(ids: readonly string[]): Promise<readonly (Operation | undefined)[]> {
    return this.#ask(() => this.#justEnded.read(ids) ?? this.#reader.read(ids));
  }

  /** Nobody asks often: whoever waits is told of every change. */
  over(ids: readonly string[]): Promise<readonly string[]> {
    return this.#ask(() => {
      const found = this.#reader.read(ids);
      return ids.filter((_, index) => found[index]?.endTime !== null);
    });
  }

  async list(query: ListQuery): Promise<ListAnswer> {
    const lookup = this.#reader.list(query);
    for (;;) {
      const answer = await this.#ask(() => lookup.turn());
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
  }

  due(query: DueQuery): Promise<DueAnswer> {
    return this.#ask(() => this.#reader.due(query, this.time()));
  }

  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** What is in force on the connection that writes; on the one that reads in a store that only reads. */
  async settings(): Promise<SqliteSettings> {
    return this.#writer === undefined ? readSettings(this.#reading) : this.#writer.settings();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Nothing is purged while it is in doubt what time it is. */
  #removing<C extends Command>(commands: readonly C[]): readonly C[] {
    if (!commands.some(({ verb }) => verb === "purge") || this.#time.mayRemove()) return commands;
    return commands.map((each) => (each.verb === "purge" ? { ...each, limit: 0 } : each));
  }

  async #close(): Promise<void> {
    this.#ownKeeper.stop();
    await this.#queue.close();
    try {
      // The reader first: the last connection to go takes the WAL along, and one that only reads cannot.
      this.#reading.close();
      await this.#writer?.close(this.time());
    } finally {
      this.#lock?.release();
    }
  }

  async #ask<Answer>(question: () => Answer): Promise<Answer> {
    if (this.#closing !== undefined) throw shuttingDown();
    try {
      return question();
    } catch (error) {
      throw faultError(faultOf(error));
    }
  }
}

function readOnly(): StatusError {
  return new StatusError("FAILED_PRECONDITION", "Cannot write: the store was opened for reading only.");
}
