import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimCommand } from "../../core/ports/store.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import { type ClaimableRow, Turns } from "./turns.ts";
import * as sql from "./statements-claim.ts";

/** The operations that a claim may take, and the time when more become available. */
export interface Choice {
  readonly ids: readonly string[];
  readonly nextTime: number | null;
}

interface Candidate {
  readonly id: string;
  readonly availableTime: number;
  readonly priority: number;
  /** The round of the tenant, if tenants take turns. Otherwise the same for all. */
  readonly round: number;
}

/**
 * Finds the operations for a claim. It looks only at methods with pending operations, and looks up
 * each of their priorities separately, so it never walks over blocked or delayed operations.
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

  /**
   * The first candidates within the limit of each method and the total limit, and the time when the
   * next one becomes available.
   */
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

  /** Learns from claimed operations whether there are tenants. */
  learn(operations: readonly Pick<Operation, "caller">[]): void {
    for (const { caller } of operations) this.#turns.learn(caller);
  }

  /**
   * The wanted methods with pending operations. It alternates between two steps: find the first
   * pending method at or after a wanted one, then the first wanted method at or after that. A
   * process may declare hundreds of methods; the cost depends only on the methods with pending
   * operations.
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

  /** The priorities of the method's pending operations, highest first. */
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

/** Highest priority first, then oldest availability, then the older operation. */
function inOrder(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || a.availableTime - b.availableTime || (a.id < b.id ? -1 : 1);
}

/** The same order with turns: within a priority, by round first. */
function byRound(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || a.round - b.round || inOrder(a, b);
}
