import { shardOfParallel } from "../../core/operation/id.ts";
import type { Change } from "../../core/ports/store.ts";
import { columnsOf, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { toChange } from "./row.ts";
import { LOCK_KEYS, lockKeysText } from "./statements-insert.ts";
import * as sql from "./statements.ts";

/**
 * Places limit how many operations of a method and key run in parallel.
 *
 * Transactions that start or end such an operation hold the lock on the key's row of
 * `parallel_keys` from `lock` to the commit, so counts between the two stay true. Keys are locked
 * in one order, so that two batches never deadlock. All functions here run in the given
 * transaction.
 */
export interface Key {
  readonly method: string;
  readonly key: string;
}

type LockRow = readonly [shard: number, method: string, key: string];

/** Locks each key. */
export async function lock(query: Query, keys: readonly Key[]): Promise<void> {
  const rows = distinct(keys).map(lockRow);
  const { shard } = query;
  if (shard === undefined) await query(LOCK_KEYS, columnsOf(rows));
  else await query(lockKeysText(shard, rows.length), columnsOf(rows.toSorted(inOrder)).slice(1));
}

/** Deletes the rows of keys that no operation needs any more. The keys are locked. */
export async function drop(query: Query, keys: readonly Key[]): Promise<void> {
  if (keys.length > 0) await query(sql.DROP_KEYS, columnsOf(distinct(keys).map(lockRow)));
}

/** The places of a key. */
export interface Places {
  /** The number of operations that hold a place; no more than the asked number are counted. */
  held: number;
  /** Whether operations wait. */
  waits: boolean;
}

/**
 * The places of keys, by `keyText`. The keys are locked.
 *
 * @param most the number to count up to, by key
 */
export async function placesOf(query: Query, most: Counts): Promise<ReadonlyMap<string, Places>> {
  const asked = [...most.values()];
  const rows = await query(sql.PLACES, columnsOf(asked.map(countRow)));
  return new Map(
    rows.flatMap(([at, held, waits]) => {
      const of = asked[Number(at) - 1];
      return of === undefined ? [] : [[keyText(of.key), { held: Number(held), waits: waits === true }]];
    }),
  );
}

/** A number for each key, by `keyText`. */
export type Counts = ReadonlyMap<string, { readonly key: Key; readonly count: number }>;

/**
 * Unblocks at most a number of heads of each queue. The keys are locked, but the heads are not: a
 * head that is cancelled or removed between the two statements does not use up a place; the next
 * head gets it.
 */
export async function unblock(query: Query, most: Counts): Promise<readonly Change[]> {
  const unblocked: Change[] = [];
  let missing = [...most.values()].filter(({ count }) => count > 0);
  while (missing.length > 0) {
    const heads = await query(sql.HEADS, columnsOf(missing.map(countRow)));
    if (heads.length === 0) return unblocked;
    const rows = await query(sql.UNBLOCK, keysOf(heads.map(([, id]) => String(id))));
    const changes = new Map(rows.map((row) => [String(row[0]), toChange(row, false)]));
    const [found, made] = [new Map<number, number>(), new Map<number, number>()];
    for (const [at, id] of heads) {
      const index = Number(at) - 1;
      found.set(index, (found.get(index) ?? 0) + 1);
      const change = changes.get(String(id));
      if (change === undefined) continue;
      unblocked.push(change);
      made.set(index, (made.get(index) ?? 0) + 1);
    }
    // A queue with fewer heads than were asked for has no more.
    missing = missing
      .map(({ key, count }, index) => ({
        key,
        count: (found.get(index) ?? 0) < count ? 0 : count - (made.get(index) ?? 0),
      }))
      .filter(({ count }) => count > 0);
  }
  return unblocked;
}

/** Unblocks one head for each place given up. */
export function unblockFreed(query: Query, freed: readonly Key[]): Promise<readonly Change[]> {
  const counts = new Map<string, { readonly key: Key; readonly count: number }>();
  for (const key of freed) {
    const text = keyText(key);
    counts.set(text, { key, count: (counts.get(text)?.count ?? 0) + 1 });
  }
  return unblock(query, counts);
}

/** The shard of a key's row; on a distributed database also of the key's operations. */
export function shardOfKey({ method, key }: Key): number {
  return shardOfParallel(method, key);
}

/** A text that identifies a key. */
export function keyText({ method, key }: Key): string {
  return `${method}\0${key}`;
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((each) => [keyText(each), each])).values()];
}

/** For rows of one shard. */
function inOrder([, method, key]: LockRow, [, otherMethod, otherKey]: LockRow): number {
  if (method !== otherMethod) return method < otherMethod ? -1 : 1;
  return key < otherKey ? -1 : 1;
}

function countRow({ key, count }: { readonly key: Key; readonly count: number }) {
  return [key.method, key.key, count] as const;
}

function lockRow({ method, key }: Key): LockRow {
  return [shardOfKey({ method, key }), method, key];
}
