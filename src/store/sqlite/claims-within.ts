import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import type { ClaimCommand } from "../../core/ports/store.ts";
import type { Choice } from "./claims.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import * as sql from "./statements-claim.ts";
import { UNFINISHED_PARENT } from "./statements-counts.ts";

type Row = readonly [id: string, availableTime: number, method: string, priority: number];

/**
 * Finds the operations for a claim within a parent. It uses the index of parents, so the cost
 * depends on the pending operations below this parent only. Prepares its statements at the first
 * such claim.
 */
export class ClaimsWithin {
  readonly #parentBehind: StatementSync;
  readonly #claimable: StatementSync;
  readonly #later: StatementSync;

  constructor(database: DatabaseSync) {
    this.#parentBehind = prepareForRows(database, UNFINISHED_PARENT);
    this.#claimable = prepareForRows(database, sql.CLAIMABLE_OF_PARENT);
    this.#later = prepareForRows(database, sql.LATER_OF_PARENT);
  }

  /** Like `Claims.choose`, within a parent. */
  choose({ wanted, limit, within = "" }: ClaimCommand, now: number): Choice {
    const methods = JSON.stringify(wanted.map(({ method }) => method));
    const rows: Row[] = [];
    let nextTime = Number.POSITIVE_INFINITY;
    for (const parent of this.#parents(within)) {
      const room = LIMITS.claimWithinExaminedMax - rows.length;
      if (room <= 0) break;
      rows.push(...(rowsOf(this.#claimable, parent, now, now, methods, room) as readonly Row[]));
      const [later] = rowOf(this.#later, parent, now, now, methods) as readonly [number | null];
      nextTime = Math.min(nextTime, later ?? nextTime);
    }
    const left = new Map(wanted.map((each) => [each.method, each.limit]));
    const ids: string[] = [];
    for (const [id, availableTime, method] of rows.toSorted(inOrder)) {
      const room = left.get(method) ?? 0;
      if (ids.length < limit && room > 0) {
        left.set(method, room - 1);
        ids.push(id);
      } else nextTime = Math.min(nextTime, availableTime);
    }
    return { ids, nextTime: Number.isFinite(nextTime) ? nextTime : null };
  }

  *#parents(within: string): Generator<string> {
    yield within;
    // "0" is the character after "/".
    const [first, end] = [`${within}/`, `${within}0`];
    let parent = first;
    for (let count = 0; count < LIMITS.claimWithinExaminedMax; count++) {
      const row = rowOf(this.#parentBehind, parent, end) as readonly [parent: string] | undefined;
      if (row === undefined) return;
      [parent] = row;
      yield parent;
    }
  }
}

/** Highest priority first, then oldest availability, then the older operation. */
function inOrder([a, since, , high]: Row, [b, until, , low]: Row): number {
  return low - high || since - until || (a < b ? -1 : 1);
}
