import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { invariant } from "../../core/invariant.ts";
import type { Tell } from "../../core/events.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { StoreFacts } from "../../core/ports/described-store.ts";
import type { ListAnswer, ListQuery, RowsAnswer } from "../../core/ports/lists.ts";
import type { Seen } from "../../core/ports/seen.ts";
import type { AnswerTo, Change, Command, DueAnswer, DueQuery, Store } from "../../core/ports/store.ts";
import { Keeper } from "../leases/keeper.ts";
import { type LeaseRenewals, Renewals, renewByWrite, type Round } from "../leases/renewals.ts";
import { checkTexts } from "../texts.ts";
import type { BesideWrite } from "./beside-writer.ts";
import { faultError, faultOf } from "./fault.ts";
import { JustEnded } from "./just-ended.ts";
import { Lane, type ItemOutcome } from "../lane.ts";
import type { Page } from "../list/gathered-page.ts";
import { Listeners } from "../listeners.ts";
import { toldBatches } from "../told-batches.ts";
import type { FileLock } from "./lock.ts";
import { Reader } from "./reader.ts";
import type { SqliteSettings } from "./settings.ts";
import { factsOf, readSettings } from "./settings.ts";
import { SqliteResources } from "./resource-store.ts";
import { SqliteStatistics } from "./statistics-store.ts";
import type { StoreClock } from "./store-clock.ts";
import { shuttingDown } from "../fault.ts";
import type { WriterPort, WriteReport } from "./messages.ts";

/** The parts of a store. */
export interface SqliteStoreParts {
  readonly clock: Clock;
  readonly tell: Tell;
  /** The store's clock. */
  readonly time: StoreClock;
  readonly key: Uint8Array;
  /** The connection of the main thread. For a database in memory it is also the writer's. */
  readonly reading: DatabaseSync;
  /** Absent in a read-only store. */
  readonly writer?: WriterPort;
  /** @default renewals on the main thread's clock */
  readonly renewals?: ((hear: (round: Round) => void) => LeaseRenewals) | undefined;
  readonly lock?: FileLock;
}

/**
 * The number of batches sent to the writer: the current one, and the next, so that the writer never
 * waits for the main thread. With two batches, each of half of the waiting commands, 64 callers
 * over HTTP got 16.9 k to 19.5 k starts a second instead of 13.3 k to 15.8 k.
 */
const BATCHES_SENT = 2;

/**
 * Operations in SQLite.
 *
 * Terms: the *writer* owns the connection that writes, in a thread of its own if there is a file;
 * *reading* happens on the main thread, on a separate connection that sees every commit (WAL).
 * Source of truth: only this process writes, and its clock is the store's (store-clock.ts). On
 * failure: a failed transaction is rolled back as a whole and its callers get an error; once the
 * writer has died, every call is rejected.
 *
 * Listeners learn of a commit just before the calls of its commands resolve, so a cache that
 * listens is never behind an answer.
 */
export class SqliteStore implements Store {
  readonly pollMs = null;
  readonly tellsOfOthers = true;
  readonly key: Uint8Array;
  readonly keeper: Keeper;
  readonly statistics: SqliteStatistics;
  readonly resources: SqliteResources;
  readonly #clock: Clock;
  readonly #reading: DatabaseSync;
  readonly #reader: Reader;
  readonly #writer: WriterPort | undefined;
  readonly #lock: FileLock | undefined;
  readonly #writes: Lane<Command, AnswerTo<Command>>;
  /** Purges change many records, so other commands do not wait in one lane with them. */
  readonly #purges: Lane<Command, AnswerTo<Command>>;
  readonly #justEnded = new JustEnded();
  /** The number of batches in progress that may remove records. */
  #removals = 0;
  readonly #listeners: Listeners<readonly Change[]>;
  readonly #time: StoreClock;
  readonly #beside = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteStoreParts) {
    const { clock, tell, writer } = parts;
    this.key = parts.key;
    this.#clock = clock;
    this.#time = parts.time;
    this.#reading = parts.reading;
    this.#reader = new Reader(parts.reading);
    this.#writer = writer;
    this.#lock = parts.lock;
    this.#listeners = new Listeners(tell);
    const carryOut = (lane: string) =>
      toldBatches(lane, parts, (items: readonly Command[]) => this.#carryOut(items));
    this.#writes = new Lane({ clock, carryOut: carryOut("write"), inFlightMax: BATCHES_SENT, bytesOf });
    this.#purges = new Lane({ clock, carryOut: carryOut("purge"), inFlightMax: 1, countMax: () => 1 });
    const renew = renewByWrite((command) => this.write(command), tell);
    this.keeper = new Keeper({
      tell,
      renewals: parts.renewals ?? ((hear) => new Renewals({ clock, renew, hear })),
    });
    const beside = {
      reading: parts.reading,
      clock,
      time: () => this.time(),
      ask: <Answer>(question: () => Answer) => this.#ask(question),
      write: (write: BesideWrite) => this.#writeBeside(write),
    };
    this.statistics = new SqliteStatistics(beside);
    this.resources = new SqliteResources(beside);
  }

  time(): number {
    return this.#time.now();
  }

  async write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (this.#closing !== undefined) throw shuttingDown();
    if (this.#writer === undefined) throw readOnly();
    checkTexts(command);
    // Each command has its own type of answer.
    return (await this.#carried(command)) as AnswerTo<C>;
  }

  facts(): Promise<StoreFacts> {
    return this.#ask(() => factsOf(this.#reading));
  }

  read(id: string): Promise<Operation | undefined> {
    return this.#ask(() => {
      // A record whose removal is in progress may already be missing from lists.
      const ended = this.#removals === 0 ? this.#justEnded.read(id) : undefined;
      return ended ?? this.#reader.read(id);
    });
  }

  /** Rarely called: waiters are told of every change. */
  over(ids: readonly string[]): Promise<readonly string[]> {
    return this.#ask(() => {
      return ids.filter((id) => this.#reader.read(id)?.endTime !== null);
    });
  }

  /** As {@link over}. */
  changed(seen: readonly Seen[]): Promise<readonly string[]> {
    return this.#ask(() =>
      seen.filter(({ id, revision }) => this.#reader.read(id)?.revision !== revision).map(({ id }) => id),
    );
  }

  async list(query: ListQuery): Promise<ListAnswer> {
    const { items, next } = await this.#page(this.#reader.list(query));
    return { operations: items, next };
  }

  async rows(query: ListQuery): Promise<RowsAnswer> {
    const { items, next, lookedAt } = await this.#page(this.#reader.rows(query));
    return { rows: items, next, lookedAt };
  }

  async #page<Item>(lookup: { turn(): Page<Item> | undefined }): Promise<Page<Item>> {
    for (;;) {
      const page = await this.#ask(() => lookup.turn());
      if (page !== undefined) return page;
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
  }

  due(query: DueQuery): Promise<DueAnswer> {
    return this.#ask(() => this.#reader.due(query, this.time()));
  }

  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * The settings in force on the connection that writes; in a read-only store, on the connection
   * that reads.
   */
  async settings(): Promise<SqliteSettings> {
    return this.#writer === undefined ? readSettings(this.#reading) : this.#writer.settings();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Purges remove nothing while the time is in doubt. */
  #carried(command: Command): Promise<AnswerTo<Command>> {
    if (command.verb !== "purge") return this.#writes.add(command);
    return this.#purges.add(this.#time.mayRemove() ? command : { ...command, limit: 0 });
  }

  async #writeBeside(write: BesideWrite): Promise<boolean | number | undefined> {
    if (this.#closing !== undefined) throw shuttingDown();
    if (this.#writer === undefined) throw readOnly();
    const written = this.#writer.writeBeside(write);
    this.#beside.add(written);
    try {
      const { answer, fault } = await written;
      if (fault !== undefined) throw faultError(fault);
      return answer;
    } finally {
      this.#beside.delete(written);
    }
  }

  async #close(): Promise<void> {
    this.keeper.stop();
    await Promise.all([this.#writes.idle(), this.#purges.idle(), Promise.allSettled(this.#beside)]);
    try {
      // Close the reader first: the last connection to close removes the WAL, and a read-only
      // connection cannot.
      this.#reading.close();
      await this.#writer?.close(this.time());
    } finally {
      this.#lock?.release();
    }
  }

  async #carryOut(commands: readonly Command[]): Promise<readonly ItemOutcome<AnswerTo<Command>>[]> {
    invariant(this.#writer !== undefined, "a store that only reads takes no commands");
    const { outcomes, changes } = await this.#written(this.#writer, commands);
    if (changes.length > 0) this.#listeners.tell(changes);
    const machineFault = outcomes.find(({ fault }) => fault?.kind === "unavailable")?.fault;
    if (machineFault !== undefined) throw faultError(machineFault);
    return outcomes.map(({ answer, fault }) =>
      fault === undefined ? { answer } : { error: faultError(fault) },
    );
  }

  /** Carries out a batch, and keeps the operations that it ended. */
  async #written(writer: WriterPort, commands: readonly Command[]): Promise<WriteReport> {
    const removes = commands.some(({ verb }) => verb === "remove" || verb === "purge");
    if (removes) this.#removals++;
    try {
      const report = await writer.write(commands, this.time());
      this.#justEnded.replace(commands, report.outcomes);
      return report;
    } finally {
      if (removes) this.#removals--;
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

/** The size of a command's large texts, in characters. */
function bytesOf(command: Command): number {
  const along = "along" in command ? (command.along ?? []) : [];
  return along.reduce((sum, { request }) => sum + request.length, ownBytesOf(command));
}

function ownBytesOf(command: Command): number {
  switch (command.verb) {
    case "insert":
      return command.operation.request.length + (command.operation.caller?.length ?? 0);
    case "replace": {
      const { metadata, response, exception } = command.next;
      return (metadata?.json.length ?? 0) + (response?.json.length ?? 0) + (exception?.length ?? 0);
    }
    case "renew":
      return command.metadata?.json.length ?? 0;
    default:
      return 0;
  }
}

function readOnly(): StatusError {
  return new StatusError("FAILED_PRECONDITION", "Cannot write: the store was opened for reading only.");
}
