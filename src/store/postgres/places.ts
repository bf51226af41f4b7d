import { shardOfParallel } from "../../core/operation/id.ts";
import type { Change } from "../../core/ports/store.ts";
import { columnsOf, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { toChange } from "./row.ts";
import { LOCK_KEYS, lockKeysText } from "./statements-insert.ts";
import * as sql from "./statements.ts";

/**
 * Places: how many operations of a method and key go on in parallel.
 *
 * Whoever starts or ends one takes turns at the key's row of `parallel_keys`, from `lock` to the commit; what is counted in
 * between stays true. Keys are locked in one order, so that two batches never wait for each other. Everything here is part of
 * the transaction that is given.
 */
export interface Key {
  readonly method: string;
  readonly key: string;
}

type LockRow = readonly [shard: number, method: string, key: string];

/** Takes the turn at each key. */
export async function lock(query: Query, keys: readonly Key[]): Promise<void> {
  const rows = distinct(keys).map(lockRow);
  const { shard } = query;
  if (shard === undefined) await query(LOCK_KEYS, columnsOf(rows));
  else await query(lockKeysText(shard, rows.length), columnsOf(rows.toSorted(inOrder)).slice(1));
}

/** Lets go of the keys that nobody needs any more. They are locked. */
export async function drop(query: Query, keys: readonly Key[]): Promise<void> {
  if (keys.length > 0) await query(sql.DROP_KEYS, columnsOf(distinct(keys).map(lockRow)));
}

/** How the places of a key stand, of which `limit` are to be held at the most. The key is locked. */
export async function placesOf(
  query: Query,
  { method, key }: Key,
  limit: number,
): Promise<{ readonly free: number; readonly waits: boolean }> {
  const [row] = await query(sql.PLACES, [method, key, limit]);
  return { free: limit - Number(row?.[0]), waits: row?.[1] === true };
}

/**
 * Unblocks the heads of a queue, `count` at the most. The key is locked, the heads are not: one that is cancelled or removed
 * between the two statements does not take the place along, and the next head is looked for.
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

/** One head for each place that was given up. */
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

/** Where the row of a key is; on a distributed database also the operations of the key. */
export function shardOfKey({ method, key }: Key): number {
  return shardOfParallel(method, key);
}

/** One text for each key. */
export function keyText({ method, key }: Key): string {
  return `${method}\0${key}`;
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((each) => [keyText(each), each])).values()];
}

/** Of rows of one shard. */
function inOrder([, method, key]: LockRow, [, otherMethod, otherKey]: LockRow): number {
  if (method !== otherMethod) return method < otherMethod ? -1 : 1;
  return key < otherKey ? -1 : 1;
}

function lockRow({ method, key }: Key): LockRow {
  return [shardOfKey({ method, key }), method, key];
}
