import { SHARDS, shardOf } from "../../core/operation/id.ts";
import type { Query } from "./session.ts";

/**
 * A database is *distributed* where its tables are cut into shards that live on several servers (Citus). What a statement
 * touches, its text has to say: with the number of the shard in it, the whole statement goes to one server, and is planned
 * once; without, it goes to all.
 *
 * So there are up to 64 texts of a statement, each a prepared statement of its own in a session that has used it.
 */

/** Where a text compares the shard of a table. */
const HOLE = /\/\*(\w+)\.shard\*\//g;

/** How a text begins that touches all shards. */
export const ALL_SHARDS = "/* all shards */";

/** Whether a text touches all shards: it says so, or its holes are not filled. */
export function touchesAll(text: string): boolean {
  return text.includes(ALL_SHARDS) || text.includes(".shard*/");
}

const CHANGES =
  /^\s*(?:\/\*[^*]*\*\/)?\s*(?:with|insert|update|delete)\s[^]*?\b(?:operations|parallel_keys|statistics|failures|workers|resources)\b/;

/**
 * Whether worker nodes have to have our settings for a text: it may wait for a lock, or has a plan that is not as plain as that of a
 * read by key.
 */
export function wantsSettings(text: string): boolean {
  return touchesAll(text) || CHANGES.test(text);
}

/**
 * How a text begins that is made for one number of rows, other than the usual one: a session does not keep it prepared, as there
 * would be no end of them.
 */
export const ONCE = "/* once */";

/** Texts with their holes filled, by the text and the shard. */
const filled = new Map<string, string[]>();

/** The text for one shard only. */
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

/** Items by the shard of their operation, in their order. */
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

/** All shards, from the first on. */
export const EVERY_SHARD: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);
