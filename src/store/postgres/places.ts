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

/**
 * The number of free places of a key with the given limit, and whether operations wait. The key is
 * locked.
 */
export async function placesOf(
  query: Query,
  { method, key }: Key,
  limit: number,
): Promise<{ readonly free: number; readonly waits: boolean }> {
  const [row] = await query(sql.PLACES, [method, key, limit]);
  return { free: limit - Number(row?.[0]), waits: row?.[1] === true };
}

/**
 * Unblocks at most `count` heads of a queue. The key is locked, but the heads are not: a head that
 * is cancelled or removed between the two statements does not use up a place; the next head gets
 * it.
 */
export async function unblock(query: Query, { method, key }: Key, count: number): Promise<readonly Change[]> {
  const unblocked: Change[] = [];
  while (unblocked.length < count) {
    const heads = await query(sql.HEADS, [method, key, count - unblocked.length]);
    if (heads.length === 0) break;
    const ids = heads.map(([id]) => String(id));
    const rows = await query(sql.UNBLOCK, keysOf(ids));
    const changes = new Map(rows.map((row) => [String(row[0]), toChange(row, false)]));
    unblocked.push(...ids.flatMap((id) => changes.get(id) ?? []));
  }
  return unblocked;
}

/** Unblocks one head for each place given up. */
export async function unblockFreed(query: Query, freed: readonly Key[]): Promise<readonly Change[]> {
  const counts = new Map<string, { readonly key: Key; count: number }>();
  for (const key of freed) {
    const counted = counts.get(keyText(key)) ?? { key, count: 0 };
    counted.count++;
    counts.set(keyText(key), counted);
  }
  const changes: Change[] = [];
  for (const { key, count } of counts.values()) changes.push(...(await unblock(query, key, count)));
  return changes;
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

function lockRow({ method, key }: Key): LockRow {
  return [shardOfKey({ method, key }), method, key];
}
