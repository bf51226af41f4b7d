import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import type { KeyCount, LiveCount } from "../../core/ports/statistics-store.ts";
import { belowOf } from "../statistics/below.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import { PRIORITY_BELOW } from "./statements-claim.ts";
import * as sql from "./statements-counts.ts";
import { PLACES } from "./statements.ts";

const MOST = LIMITS.countedMax + 1;

type Mutable<Type> = { -readonly [Member in keyof Type]: Type[Member] };

/**
 * Counts unfinished operations method by method, each up to a limit, on indexes that contain
 * nothing else.
 */
export class LiveCounts {
  readonly #statements: ReturnType<typeof prepareAll>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareAll(database);
  }

  /**
   * One step per method, so that other work can run in between; the last step returns the counts.
   */
  *steps(now: number): Generator<undefined, readonly LiveCount[]> {
    const counts = new Map<string, Mutable<LiveCount>>();
    const of = (method: string): Mutable<LiveCount> => {
      const known = counts.get(method) ?? { method, ...NOTHING };
      counts.set(method, known);
      return known;
    };
    const { pendingMethod, blockedMethod, running } = this.#statements;
    for (const method of methodsOf(pendingMethod)) {
      this.#countPending(of(method), now);
      yield;
    }
    for (const method of methodsOf(blockedMethod)) {
      const [count, oldest] = rowOf(this.#statements.blocked, method, MOST) as CountRow;
      Object.assign(of(method), { blocked: count, oldestBlocked: oldest });
      yield;
    }
    for (const row of rowsOf(running, LIMITS.runningCountedMax)) {
      const [method, count] = row as readonly [method: string, count: number];
      of(method).running = Math.min(count, MOST);
    }
    return [...counts.values()];
  }

  keys(method: string, limit: number): readonly KeyCount[] {
    const rows = rowsOf(this.#statements.keys, method, MOST, limit);
    return rows.map((row) => {
      const [key, blocked, oldestBlocked] = row as readonly [string, number, number];
      const [held] = rowOf(this.#statements.places, method, key, MOST) as readonly [number];
      return { key, blocked, held, oldestBlocked };
    });
  }

  /**
   * Counts the operations of a parent and of all parents below it, at most
   * `LIMITS.countedParentsMax` of them.
   */
  unfinished(parent: string, most: number): number {
    const [after, before] = belowOf(parent);
    let count = this.#unfinishedOf(parent, most);
    let from = after;
    for (let parents = 0; count < most && parents < LIMITS.countedParentsMax; parents++) {
      const row = rowOf(this.#statements.unfinishedParent, from, before) as readonly [string] | undefined;
      if (row === undefined) return count;
      count += this.#unfinishedOf(row[0], most - count);
      [from] = row;
    }
    return count;
  }

  #unfinishedOf(parent: string, most: number): number {
    let count = 0;
    for (const state of ["PENDING", "RUNNING"]) {
      const [each] = rowOf(this.#statements.unfinished, parent, state, most - count) as readonly [number];
      count += each;
    }
    return count;
  }

  #countPending(counts: Mutable<LiveCount>, now: number): void {
    const { priorityBelow, waiting, delayed } = this.#statements;
    const { method } = counts;
    let priority: number = LIMITS.priorityMax + 1;
    for (;;) {
      const below = rowOf(priorityBelow, method, priority) as readonly [number] | undefined;
      if (below === undefined) break;
      [priority] = below;
      const [count, oldest] = rowOf(waiting, method, priority, now, MOST - counts.waiting) as CountRow;
      const [later] = rowOf(delayed, method, priority, now, MOST - counts.delayed) as readonly [number];
      counts.waiting += count;
      counts.delayed += later;
      // If the count reached its limit, this is the oldest of the higher priorities only.
      if (oldest !== null) counts.oldestWaiting = Math.min(counts.oldestWaiting ?? oldest, oldest);
    }
  }
}

type CountRow = readonly [count: number, oldest: number | null];

const NOTHING = {
  waiting: 0,
  blocked: 0,
  delayed: 0,
  running: 0,
  oldestWaiting: null,
  oldestBlocked: null,
} as const;

/** Walks through an index and yields its methods. */
function* methodsOf(next: StatementSync): Generator<string> {
  let method = "";
  for (let found = 0; found < LIMITS.countedMethodsMax; found++) {
    const row = rowOf(next, method) as readonly [method: string] | undefined;
    if (row === undefined) return;
    [method] = row;
    yield method;
  }
}

function prepareAll(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => prepareForRows(database, text);
  return {
    pendingMethod: prepare(sql.PENDING_METHOD),
    priorityBelow: prepare(PRIORITY_BELOW),
    waiting: prepare(sql.WAITING),
    delayed: prepare(sql.DELAYED),
    blockedMethod: prepare(sql.BLOCKED_METHOD),
    blocked: prepare(sql.BLOCKED),
    running: prepare(sql.RUNNING),
    keys: prepare(sql.KEYS),
    places: prepare(PLACES),
    unfinishedParent: prepare(sql.UNFINISHED_PARENT),
    unfinished: prepare(sql.UNFINISHED),
  };
}
