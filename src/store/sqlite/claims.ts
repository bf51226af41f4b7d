import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimCommand } from "../../core/ports/store.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import { type ClaimableRow, Turns } from "./turns.ts";
import * as sql from "./statements-claim.ts";

/** What a claim may take, and when there is more. */
export interface Choice {
  readonly ids: readonly string[];
  readonly nextTime: number | null;
}

interface Candidate {
  readonly id: string;
  readonly availableTime: number;
  readonly priority: number;
  /** Of tenants that take turns. The same for all where none do. */
  readonly round: number;
}

/**
 * Finds what a claim takes. Only methods of which anything is pending are looked at, and each priority that such a method has is
 * looked up by itself, so that neither what is blocked nor what is delayed is ever walked over.
 */
export class Claims {
  readonly #methodFrom: StatementSync;
  readonly #priorityBelow: StatementSync;
  readonly #claimable: StatementSync;
  readonly #turns: Turns;

  constructor(database: DatabaseSync) {
    this.#methodFrom = prepareForRows(database, sql.METHOD_FROM);
    this.#priorityBelow = prepareForRows(database, sql.PRIORITY_BELOW);
    this.#claimable = prepareForRows(database, sql.CLAIMABLE);
    this.#turns = new Turns(database);
  }

  /** The first candidates within every method's limit and the limit of all, and when the next one is available. */
  choose(wanted: ClaimCommand["wanted"], limit: number, now: number): Choice {
    const available: Candidate[] = [];
    let nextTime = Number.POSITIVE_INFINITY;
    let takeTurns = false;
    for (const { method, limit: methodLimit } of this.#pendingOf(wanted)) {
      let left = Math.max(0, Math.min(methodLimit, limit));
      for (const priority of this.#prioritiesOf(method)) {
        const rows = rowsOf(this.#claimable, method, priority, now, left + 1) as readonly ClaimableRow[];
        const first = rows.slice(0, left).filter(([, availableTime]) => availableTime <= now);
        const isMore = first.length > 0 && (rows[first.length]?.[1] ?? nextTime) <= now;
        const given = isMore ? this.#turns.give([method, priority], first, now) : undefined;
        takeTurns ||= given !== undefined;
        for (const { row, round } of given?.rows ?? first.map((each, index) => ({ row: each, round: index })))
          available.push({ id: row[0], availableTime: row[1], priority, round });
        nextTime = Math.min(nextTime, rows[first.length]?.[1] ?? nextTime, given?.leftTime ?? nextTime);
        left -= first.length;
      }
    }
    if (takeTurns) available.sort(byRound);
    else if (wanted.length > 1) available.sort(inOrder);
    for (const { availableTime } of available.slice(limit)) nextTime = Math.min(nextTime, availableTime);
    return {
      ids: available.slice(0, limit).map(({ id }) => id),
      nextTime: Number.isFinite(nextTime) ? nextTime : null,
    };
  }

  /** Takes notice of what was claimed. */
  learn(operations: readonly Pick<Operation, "caller">[]): void {
    for (const { caller } of operations) this.#turns.learn(caller);
  }

  /**
   * The methods of which anything is pending: by turns the first one pending at or behind one that is wanted, and the first one
   * wanted at or behind that. A process may declare hundreds of methods; this costs what is pending.
   */
  *#pendingOf(wanted: ClaimCommand["wanted"]): Generator<ClaimCommand["wanted"][number]> {
    const left = wanted.toSorted((a, b) => (a.method < b.method ? 1 : -1));
    for (let next = left.pop(); next !== undefined; ) {
      const row = rowOf(this.#methodFrom, next.method) as readonly [method: string] | undefined;
      if (row === undefined) return;
      const [pending] = row;
      while (next !== undefined && next.method < pending) next = left.pop();
      if (next?.method !== pending) continue;
      yield next;
      next = left.pop();
    }
  }

  /** The priorities that anything pending of the method has, highest first. */
  *#prioritiesOf(method: string): Generator<number> {
    let priority: number = LIMITS.priorityMax + 1;
    while (priority > 0) {
      const row = rowOf(this.#priorityBelow, method, priority) as readonly [priority: number] | undefined;
      if (row === undefined) return;
      [priority] = row;
      yield priority;
    }
  }
}

/** Highest priority first, then oldest availability; within an instant the older operation. */
function inOrder(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || a.availableTime - b.availableTime || (a.id < b.id ? -1 : 1);
}

/** The same, where tenants take turns. */
function byRound(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || a.round - b.round || inOrder(a, b);
}
