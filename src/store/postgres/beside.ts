import type { Cell } from "./array.ts";
import { columnsOf } from "./array.ts";
import type { Database, Query } from "./database.ts";
import { faultError } from "./fault.ts";

/** The parts of a store that statistics and resources use. */
export interface BesideParts {
  readonly database: Pick<Database, "query" | "transaction">;
  readonly isDistributed: boolean;
  /** The time for statements; null for the database's own. */
  readonly now: () => number | null;
  /** Runs work while the store is open. */
  readonly carryOut: <Answer>(work: () => Promise<Answer>) => Promise<Answer>;
  /** The same for work that changes data: a read-only store rejects it. */
  readonly change: <Answer>(work: () => Promise<Answer>) => Promise<Answer>;
  /**
   * Runs a query, together with other queries of the same turn. @default the database, one query at
   * a time
   */
  readonly look?: Query | undefined;
}

/** A statement that stores rows, and its variant for a number of rows of one shard. */
export interface StoringText {
  readonly plain: string;
  readonly ofShard: (shard: number, count: number) => string;
}

/**
 * Stores rows, each with its shard as the first cell: in one statement, or on a distributed
 * database in one statement per shard.
 */
export async function storeRows(
  query: Query,
  { plain, ofShard }: StoringText,
  rows: readonly (readonly [shard: number, ...cells: Cell[]])[],
  isDistributed: boolean,
): Promise<void> {
  if (rows.length === 0) return;
  if (!isDistributed) return void (await query(plain, columnsOf(rows)));
  const shards = Map.groupBy(rows, ([shard]) => shard);
  for (const [shard, some] of shards)
    await query(ofShard(shard, some.length), columnsOf(some.map(([, ...cells]) => cells)));
}

/** Tries once. Converts errors of the database like those of all other calls. */
export async function once<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw faultError(error);
  }
}
