import type { Page } from "../../src/store/list/gathered-page.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "../../src/core/operation/operation.ts";
import type { ListAnswer, ListQuery, RowsAnswer } from "../../src/core/ports/lists.ts";
import type { Seen } from "../../src/core/ports/seen.ts";
import type { AnswerTo, Change, Command, DueAnswer, DueQuery } from "../../src/core/ports/store.ts";
import { MEMORY, openForWriting } from "../../src/store/sqlite/connection.ts";
import { type BesideOutcome, type BesideWrite, BesideWriter } from "../../src/store/sqlite/beside-writer.ts";
import { Reader } from "../../src/store/sqlite/reader.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";
import type { WriteReport } from "../../src/store/sqlite/messages.ts";
import { OUTLIVING_WORKERS } from "../../src/core/operation/remote-worker.ts";
import { END_LEASES } from "../../src/store/sqlite/statements.ts";
import { Writer } from "../../src/store/sqlite/writer.ts";
import type { ItemOutcome } from "../../src/store/lane.ts";
import { faultError } from "../../src/store/sqlite/fault.ts";
import type { Shadow } from "./shadow.ts";
import { EMPTY_DATABASE, POISON } from "./statements.ts";
import type { World } from "./world.ts";

/** An open transaction of another client holds the lock. */
export class Locked extends Error {}

/** The result of a transaction. */
export interface Committed {
  readonly outcomes: readonly ItemOutcome<AnswerTo<Command>>[];
  readonly changes: readonly Change[];
}

/** The inputs of a history's database. */
interface Course {
  readonly world: World;
  readonly shadow: Shadow;
  readonly rate: number;
  /** Its clock is that of the process that contains it. */
  readonly isEmbedded: boolean;
}

/** The time between two histories. */
const APART_MS = 7_200_000;
/** Of the reads that would find nothing, one in so many is made all the same. */
const LOOKS_PART = 8;

/**
 * The database: the real statements of the SQLite store in memory, with a clock of its own. It is
 * made once, because preparing its statements takes longer than a history. Each history finds it
 * empty, at a later time.
 */
export class SimulatedDatabase {
  /** The time at which the world of the history began. */
  epoch = Date.UTC(2026, 0, 1);
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #beside: BesideWriter;
  readonly #endLeases: StatementSync;
  /** Keys whose lock another client holds. */
  readonly #locked = new Map<string, number>();
  #course: Course | undefined;
  #jumpedMs = 0;
  #looks = 0;
  #time = 0;

  constructor() {
    this.#database = openForWriting(MEMORY);
    migrate(this.#database, 0);
    this.#database.exec(POISON);
    const standing = {
      now: () => 0,
      monotonic: () => 0,
      after: () => ({ cancel: () => {} }),
      soon: () => {},
    };
    this.#writer = new Writer(this.#database, standing);
    this.#reader = new Reader(this.#database);
    this.#beside = new BesideWriter(this.#database);
    this.#endLeases = this.#database.prepare(END_LEASES);
  }

  /** Begins a history. */
  begin(course: Course): void {
    this.#database.exec(EMPTY_DATABASE);
    this.epoch = Math.max(this.epoch, this.#time) + APART_MS;
    this.#course = course;
    this.#jumpedMs = 0;
    this.#looks = 0;
    this.#time = this.epoch;
    this.#locked.clear();
  }

  /** Never goes back, because `Writer` prevents that. */
  time(): number {
    const { world, rate, isEmbedded } = this.#current;
    if (isEmbedded) return this.#time;
    this.#time = Math.max(this.#time, Math.floor(this.epoch + world.now * rate + this.#jumpedMs));
    return this.#time;
  }

  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  /** Other clients hold a lock until an instant of the world. */
  lock(key: string, until: number): void {
    this.#locked.set(key, until);
  }

  /** A store inside a process, whose clock it uses. */
  get within(): DatabaseSync {
    const prepare = (text: string): StatementSync => this.#database.prepare(text);
    return { prepare, close: () => {} } as unknown as DatabaseSync;
  }

  /**
   * Like a process that opens a file, which means that the last owner is dead. @returns the newest
   * known time
   */
  reopen(): number {
    const now = this.#time;
    this.#endLeases.run({ now, outliving: OUTLIVING_WORKERS });
    this.#current.shadow.oracle.reopen(now);
    return now;
  }

  /** Advances the time to an instant that a process gives. */
  keepTime(now: number): void {
    this.#time = Math.max(this.#time, now);
  }

  /**
   * Executes commands in one transaction.
   *
   * @throws {Locked} if one of them needs a lock that another client holds
   */
  transact(commands: readonly Command[], locks: readonly string[]): Committed {
    const { world } = this.#current;
    if (locks.some((key) => (this.#locked.get(key) ?? 0) > world.now)) throw new Locked();
    const { outcomes, changes } = this.write(commands, this.time());
    return {
      changes,
      outcomes: outcomes.map(({ answer, fault }) =>
        fault === undefined ? { answer } : { error: faultError(fault) },
      ),
    };
  }

  /** The same, at an instant that the writer gives. */
  write(commands: readonly Command[], now: number): WriteReport {
    const { shadow } = this.#current;
    const report = this.#writer.run(commands, now);
    for (const [index, { answer }] of report.outcomes.entries())
      if (answer !== undefined) shadow.apply(commands[index] as Command, answer, now);
    return report;
  }

  writeBeside(write: BesideWrite): BesideOutcome {
    return this.#beside.run(write);
  }

  read(id: string): Operation | undefined {
    return this.#reader.read(id);
  }

  over(ids: readonly string[]): readonly string[] {
    return ids.filter((id) => this.#reader.read(id)?.endTime !== null);
  }

  changed(seen: readonly Seen[]): readonly string[] {
    return seen
      .filter(({ id, revision }) => this.#reader.read(id)?.revision !== revision)
      .map(({ id }) => id);
  }

  list(query: ListQuery): ListAnswer {
    const { items, next } = pageOf(this.#reader.list(query));
    return { operations: items, next };
  }

  rows(query: ListQuery): RowsAnswer {
    const { items, next, lookedAt } = pageOf(this.#reader.rows(query));
    return { rows: items, next, lookedAt };
  }

  /**
   * Most reads find nothing, and cost more than all other statements: if nothing is due by the
   * model, only a few are made.
   */
  due(query: DueQuery): DueAnswer {
    const now = this.time();
    const expected = this.#current.shadow.due(query.by, now);
    if (expected.length === 0 && this.#looks++ % LOOKS_PART !== 0) return { ids: [], next: null };
    const answer = this.#reader.due(query, now);
    this.#current.shadow.checkDue(expected, answer.ids);
    return answer;
  }

  get #current(): Course {
    if (this.#course === undefined) throw new Error("No history has begun");
    return this.#course;
  }
}

/** Every variant of a lookup at once. */
function pageOf<Item>(lookup: { turn(): Page<Item> | undefined }): Page<Item> {
  for (;;) {
    const page = lookup.turn();
    if (page !== undefined) return page;
  }
}
