import { LIMITS } from "../../core/limits.ts";
import type { KeyCount, LiveCount } from "../../core/ports/statistics-store.ts";
import type { Row } from "./session.ts";

const MOST = LIMITS.countedMax + 1;

/** Adds the rows of shards and priorities by method, each count up to the limit. */
export function joinedCounts(rows: readonly Row[]): readonly LiveCount[] {
  const counts = new Map<string, LiveCount>();
  for (const [name, waiting, blocked, delayed, running, oldestWaiting, oldestBlocked] of rows) {
    const method = String(name);
    const before = counts.get(method);
    counts.set(method, {
      method,
      waiting: sum(before?.waiting, waiting),
      blocked: sum(before?.blocked, blocked),
      delayed: sum(before?.delayed, delayed),
      running: sum(before?.running, running),
      oldestWaiting: oldest(before?.oldestWaiting, oldestWaiting),
      oldestBlocked: oldest(before?.oldestBlocked, oldestBlocked),
    });
  }
  return [...counts.values()];
}

/** No addition is needed: all operations of a key are on one shard. */
export function joinedKeys(rows: readonly Row[], limit: number): readonly KeyCount[] {
  return rows
    .map(([key, blocked, held, oldestBlocked]) => ({
      key: String(key),
      blocked: Number(blocked),
      held: Number(held),
      oldestBlocked: oldest(null, oldestBlocked),
    }))
    .toSorted((a, b) => b.blocked - a.blocked || (a.key < b.key ? -1 : 1))
    .slice(0, limit);
}

function sum(before: number | undefined, cell: unknown): number {
  return Math.min(MOST, (before ?? 0) + Number(cell));
}

function oldest(before: number | null | undefined, cell: unknown): number | null {
  if (cell === null) return before ?? null;
  return Math.min(before ?? Number.POSITIVE_INFINITY, Number(cell));
}
