import { shardOfText } from "../../core/id.ts";
import type { Change } from "../../core/store.ts";
import { columnsOf, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { toChange } from "./row.ts";
import * as sql from "./statements.ts";

/**
 * Places: how many operations of a method and key go on at once.
 *
 * Whoever starts or ends one takes turns at the key's row of `parallel_keys`, from `lock` to the commit; what is counted in
 * between stays true. Keys are locked in one order, so that two batches never wait for each other. Everything here is part of
 * the transaction that is given.
 */
export interface Key {
  readonly method: string;
  readonly key: string;
}

/** Takes the turn at each key. */
export async function lock(query: Query, keys: readonly Key[]): Promise<void> {
  await query(sql.LOCK_KEYS, columnsOf(distinct(keys).map(lockRow)));
}

/** Lets go of the keys that nobody needs any more. They are locked. */
export async function drop(query: Query, keys: readonly Key[]): Promise<void> {
  await query(sql.DROP_KEYS, columnsOf(distinct(keys).map(lockRow)));
}

/** How the places of a key stand, of which `limit` are to be held at the most. The key is locked. */
export async function standing(
  query: Query,
  { method, key }: Key,
  limit: number,
): Promise<{ readonly free: number; readonly waits: boolean }> {
  const [row] = await query(sql.PLACES, [method, key, limit]);
  return { free: limit - Number(row?.[0]), waits: row?.[1] === true };
}

/** Unblocks the heads of a queue, `count` at the most. The key is locked. */
export async function unblock(query: Query, { method, key }: Key, count: number): Promise<readonly Change[]> {
  if (count <= 0) return [];
  const heads = await query(sql.HEADS, [method, key, count]);
  if (heads.length === 0) return [];
  const ids = heads.map(([id]) => String(id));
  const rows = await query(sql.UNBLOCK, keysOf(ids));
  const changes = new Map(rows.map((row) => [String(row[0]), toChange(row, false)]));
  return ids.flatMap((id) => changes.get(id) ?? []);
}

/** One head for each place that was given up, and no key for longer than somebody needs it. */
export async function passOn(query: Query, freed: readonly Key[]): Promise<readonly Change[]> {
  if (freed.length === 0) return [];
  const changes: Change[] = [];
  for (const key of freed) changes.push(...(await unblock(query, key, 1)));
  await drop(query, freed);
  return changes;
}

/** One text for each key. */
function keyText({ method, key }: Key): string {
  return `${method}\0${key}`;
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((each) => [keyText(each), each])).values()];
}

function lockRow({ method, key }: Key): readonly [number, string, string] {
  return [shardOfText(keyText({ method, key })), method, key];
}
