import type { DatabaseSync } from "node:sqlite";
import type { Operation } from "../../src/core/operation/operation.ts";
import type {
  AnswerTo,
  Change,
  Command,
  DueAnswer,
  DueQuery,
  ListAnswer,
  ListQuery,
} from "../../src/core/ports/store.ts";
import { MEMORY, openForWriting } from "../../src/store/sqlite/connection.ts";
import { Reader } from "../../src/store/sqlite/reader.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";
import { Writer } from "../../src/store/sqlite/writer.ts";
import type { ItemOutcome } from "../../src/store/lane.ts";
import { faultError } from "../../src/store/sqlite/fault.ts";
import type { Shadow } from "./shadow.ts";
import { EMPTY_DATABASE, POISON } from "./statements.ts";
import type { World } from "./world.ts";

/** Somebody else's open transaction has the lock. */
export class Locked extends Error {}

/** What a transaction came to. */
export interface Committed {
  readonly outcomes: readonly ItemOutcome<AnswerTo<Command>>[];
  readonly changes: readonly Change[];
}

/** What the database of one history is made with. */
interface Course {
  readonly world: World;
  readonly shadow: Shadow;
  readonly rate: number;
}

/** Between the times of two histories. */
const APART_MS = 7_200_000;

/**
 * The database: the real statements of the SQLite store in memory, with a clock of its own. Made once, as preparing its
 * statements takes longer than a history; each history finds it empty, at a later time.
 */
export class SimulatedDatabase {
  /** The time at which the world of the history began. */
  epoch = Date.UTC(2026, 0, 1);
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #reader: Reader;
  /** Keys of which somebody else holds the lock. */
  readonly #locked = new Map<string, number>();
  #course: Course | undefined;
  #jumpedMs = 0;
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
  }

  /** Begins a history. */
  begin(course: Course): void {
    this.#database.exec(EMPTY_DATABASE);
    this.epoch = Math.max(this.epoch, this.#time) + APART_MS;
    this.#course = course;
    this.#jumpedMs = 0;
    this.#time = this.epoch;
    this.#locked.clear();
  }

  /** Never goes back: `Writer` does not let it. */
  time(): number {
    const { world, rate } = this.#current;
    this.#time = Math.max(this.#time, Math.floor(this.epoch + world.now * rate + this.#jumpedMs));
    return this.#time;
  }

  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  /** Others hold a lock until an instant of the world. */
  lock(key: string, until: number): void {
    this.#locked.set(key, until);
  }

  /**
   * Carries out commands in one transaction.
   *
   * @throws {Locked} where one of them needs a lock that somebody else holds
   */
  transact(commands: readonly Command[], locks: readonly string[]): Committed {
    const { world, shadow } = this.#current;
    if (locks.some((key) => (this.#locked.get(key) ?? 0) > world.now)) throw new Locked();
    const now = this.time();
    const { outcomes, changes } = this.#writer.run(commands, now);
    return {
      changes,
      outcomes: outcomes.map(({ answer, fault }, index) => {
        if (answer === undefined) return { error: faultError(fault) };
        shadow.apply(commands[index] as Command, answer, now);
        return { answer };
      }),
    };
  }

  read(id: string): Operation | undefined {
    return this.#reader.read(id);
  }

  over(ids: readonly string[]): readonly string[] {
    return ids.filter((id) => this.#reader.read(id)?.endTime !== null);
  }

  list(query: ListQuery): ListAnswer {
    const lookup = this.#reader.list(query);
    for (;;) {
      const answer = lookup.turn();
      if (answer !== undefined) return answer;
    }
  }

  due(query: DueQuery): DueAnswer {
    return this.#reader.due(query, this.time());
  }

  get #current(): Course {
    if (this.#course === undefined) throw new Error("No history has begun");
    return this.#course;
  }
}
