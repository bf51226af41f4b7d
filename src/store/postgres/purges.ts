import type { Random } from "../../core/ports/random.ts";
import type { PurgeAnswer, PurgeCommand } from "../../core/ports/store.ts";
import { arrayOf, keysOf } from "./array.ts";
import type { Database, Row } from "./database.ts";
import { faultError, batchVerdictOf } from "./fault.ts";
import { retrying } from "./retry.ts";
import type { Query } from "./session.ts";
import { byShard, ofShard } from "./sharding.ts";
import * as sql from "./statements.ts";

/** The settings of a purge. */
export interface PurgeSetting {
  readonly database: Pick<Database, "query">;
  /** The time to judge by; null for the database's own. */
  readonly now: () => number | null;
  /** The store's clock. */
  readonly time: () => number;
  readonly random: Random;
  /** Whether each shard is purged separately (sharding.ts). @default false */
  readonly isDistributed?: boolean | undefined;
  /**
   * Queries expired records, together with other queries of the same turn. @default the database,
   * one query at a time
   */
  readonly look?: Query | undefined;
}

/**
 * The rows of removed records, the records that the database refuses to remove, and the number of
 * records left to others.
 */
export interface Purged {
  readonly rows: readonly Row[];
  readonly failed: NonNullable<PurgeAnswer["failed"]>;
  readonly passed: number;
}

/**
 * Removes expired records: together, or one by one if the database refuses to remove some of them.
 */
export async function purge(
  { database, now, time, random, isDistributed, look }: PurgeSetting,
  { limit, except = [] }: PurgeCommand,
): Promise<Purged> {
  const at = now();
  const query: Query = (text, parameters) => database.query(text, parameters);
  // The clock of a worker node may differ from the coordinator's.
  const lookedAt = at ?? (isDistributed === true ? Math.floor(time()) : null);
  const asked = [lookedAt, limit, arrayOf(except)];
  const expired = await retrying(random, () => (look ?? query)(sql.EXPIRED, asked));
  const ids = expired.map(([id]) => String(id));
  // Retried by id, so that an attempt whose answer was lost has removed no other records.
  const removeFrom =
    (where: Query): Remove =>
    (some) =>
      retrying(random, () => where(sql.PURGE, [at, ...keysOf(some)]));
  const groups = isDistributed === true ? [...byShard(ids, (id) => id)] : [];
  const purged =
    isDistributed === true
      ? await Promise.all(groups.map(([shard, some]) => together(some, removeFrom(ofShard(query, shard)))))
      : [await together(ids, removeFrom(query))];
  const [answered, failed] = [purged.flatMap((each) => each.rows), purged.flatMap((each) => each.failed)];
  // Statements return rows in any order.
  const removed = new Map(answered.map((row) => [String(row[0]), row] as const));
  const rows = ids.flatMap((id) => [removed.get(id) ?? []]).filter((row) => row.length > 0);
  return { rows, failed, passed: ids.length - rows.length - failed.length };
}

type Remove = (ids: readonly string[]) => Promise<readonly Row[]>;

async function together(ids: readonly string[], remove: Remove): Promise<Omit<Purged, "passed">> {
  if (ids.length === 0) return { rows: [], failed: [] };
  try {
    return { rows: await remove(ids), failed: [] };
  } catch (error) {
    if (batchVerdictOf(error) !== "each") throw error;
    return oneByOne(ids, remove);
  }
}

async function oneByOne(ids: readonly string[], remove: Remove): Promise<Omit<Purged, "passed">> {
  const rows: Row[] = [];
  const failed: { readonly id: string; readonly error: Error }[] = [];
  for (const id of ids) {
    try {
      rows.push(...(await remove([id])));
    } catch (error) {
      if (batchVerdictOf(error) !== "each") throw error;
      failed.push({ id, error: faultError(error) });
    }
  }
  return { rows, failed };
}
