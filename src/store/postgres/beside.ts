import type { Cell } from "./array.ts";
import { columnsOf } from "./array.ts";
import type { Database, Query } from "./database.ts";
import { faultError } from "./fault.ts";

/** What a store has for what is kept beside operations. */
export interface BesideParts {
  readonly database: Pick<Database, "query" | "transaction">;
  readonly isDistributed: boolean;
  /** The instant that statements judge by; null for the database's own. */
  readonly now: () => number | null;
  /** Carries something out while the store is open. */
  readonly carryOut: <Answer>(work: () => Promise<Answer>) => Promise<Answer>;
  /** The same for what changes anything: a store that only reads refuses it. */
  readonly change: <Answer>(work: () => Promise<Answer>) => Promise<Answer>;
  /** Asks a question together with whatever else is looked for. @default the database, by itself */
  readonly look?: Query | undefined;
}

/** A text that stores rows, and its twin for so many rows of one shard. */
export interface StoringText {
  readonly plain: string;
  readonly ofShard: (shard: number, count: number) => string;
}

/**
 * Stores rows, each with its shard in front: in one statement, or where the database is distributed in one for each shard.
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

/** Tries once. What a caller is told of an error of the database is as of all others. */
export async function once<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw faultError(error);
  }
}
