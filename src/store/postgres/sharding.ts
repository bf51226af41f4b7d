import { SHARDS, shardOf } from "../../core/operation/id.ts";
import type { Query } from "./session.ts";

/**
 * A database is *distributed* if its tables are divided into shards on several servers (Citus). The
 * text of a statement determines which servers it touches: with the number of a shard in it, the
 * statement runs on one server and is planned once; without, it runs on all servers.
 *
 * So a statement has up to 64 texts, each a separate prepared statement in every session that has
 * used it.
 */

/** The place where a text compares the shard of a table. */
const HOLE = /\/\*(\w+)\.shard\*\//g;

/** The beginning of a text that touches all shards. */
export const ALL_SHARDS = "/* all shards */";

/** Whether a text touches all shards: it is marked so, or its holes are not filled. */
export function touchesAll(text: string): boolean {
  return text.includes(ALL_SHARDS) || text.includes(".shard*/");
}

const CHANGES =
  /^\s*(?:\/\*[^*]*\*\/)?\s*(?:with|insert|update|delete)\s[^]*?\b(?:operations|parallel_keys|statistics|failures|workers|resources)\b/;

/**
 * Whether worker nodes need our settings for a text: it may wait for a lock, or its plan is less
 * simple than that of a read by key.
 */
export function wantsSettings(text: string): boolean {
  return touchesAll(text) || CHANGES.test(text);
}

/**
 * The beginning of a text for an unusual number of rows. Sessions do not prepare it, because there
 * may be arbitrarily many of them.
 */
export const ONCE = "/* once */";

/** Texts with filled holes, by text and shard. */
const filled = new Map<string, string[]>();

/** The text for a single shard. */
export function onShard(text: string, shard: number): string {
  let texts = filled.get(text);
  if (texts === undefined) filled.set(text, (texts = []));
  return (texts[shard] ??= text.replaceAll(HOLE, (_, table: string) => `and ${table}.shard = ${shard}`));
}

/** Sends statements to one shard of a distributed database. */
export function ofShard(query: Query, shard: number): Query {
  const within: Query = (text, parameters) => query(onShard(text, shard), parameters);
  return Object.assign(within, { shard });
}

/** Groups items by the shard of their operation, in their order. */
export function byShard<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): ReadonlyMap<number, readonly Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const shard = shardOf(idOf(item));
    const group = groups.get(shard);
    if (group === undefined) groups.set(shard, [item]);
    else group.push(item);
  }
  return groups;
}

/** All shards, in order. */
export const EVERY_SHARD: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);
