import { shardOfText } from "../../core/operation/id.ts";
import { LIMITS } from "../../core/limits.ts";
import { PERIOD_KEPT_MS, PERIODS } from "../../core/statistics/periods.ts";
import { cellsOf, mergedRows, rowOfCells } from "../statistics/counts-row.ts";
import { columnsOf } from "./array.ts";
import { type BesideParts, storeRows } from "./beside.ts";
import type { Query } from "./session.ts";
import { EVERY_SHARD, ofShard } from "./sharding.ts";
import * as sql from "./statements-statistics.ts";

const MAKE_COUNTS = { plain: sql.MAKE_COUNTS, ofShard: sql.makeCountsText };
const PUT_COUNTS = { plain: sql.PUT_COUNTS, ofShard: sql.putCountsText };

/**
 * Merges the counts of several processes into rows without a process, and removes old rows.
 *
 * Source of truth: merging deletes the rows of the processes, so each is merged once; concurrent
 * mergers create the merged rows first and then lock them in one order. On a distributed database,
 * each shard has its own transaction.
 */
export class Merging {
  readonly #parts: BesideParts;

  constructor(parts: BesideParts) {
    this.#parts = parts;
  }

  /** @returns true if there is more to do */
  async round(now: number): Promise<boolean> {
    const { database, isDistributed } = this.#parts;
    const settled = now - LIMITS.countsSettledMs;
    const shards = (await database.query(sql.SETTLED_SHARDS, [settled])).map(([shard]) => Number(shard));
    const parts = isDistributed ? shards : shards.slice(0, 1).map(() => undefined);
    let more = false;
    for (const shard of parts) {
      const merged = await database.transaction((whole) => this.#merge(whole, settled, shard));
      more ||= merged === LIMITS.countsBatch;
    }
    for (const shard of isDistributed ? EVERY_SHARD : [undefined])
      more = (await this.#dropOld(now, shard)) || more;
    await database.query(sql.DROP_GONE, [now - LIMITS.processKeptMs]);
    return more;
  }

  /** @returns the number of merged rows */
  async #merge(whole: Query, settled: number, shard: number | undefined): Promise<number> {
    const query = within(whole, shard);
    const taken = (await query(sql.TAKE_SETTLED, [settled, LIMITS.countsBatch])).map(rowOfCells);
    const added = mergedRows(taken).toSorted(inOrder);
    if (added.length === 0) return 0;
    const isOfShard = shard !== undefined;
    const cells = added.map((row) => [shardOfText(row.method), ...cellsOf(row)] as const);
    const empty = cells.map((row) => row.map((cell, index) => (index < 5 ? cell : index < 12 ? 0 : "{}")));
    await storeRows(whole, MAKE_COUNTS, empty as unknown as typeof cells, isOfShard);
    const keys = columnsOf(cells.map(([at, , period, time, method]) => [at, period, time, method] as never));
    const known = (await query(sql.LOCK_COUNTS, keys)).map(rowOfCells);
    const sums = mergedRows([...known, ...added]).map(
      (row) => [shardOfText(row.method), ...cellsOf(row)] as const,
    );
    await storeRows(whole, PUT_COUNTS, sums, isOfShard);
    return taken.length;
  }

  async #dropOld(now: number, shard: number | undefined): Promise<boolean> {
    const query = within((text, parameters) => this.#parts.database.query(text, parameters), shard);
    const limit = LIMITS.countsBatch;
    const dropped = [
      ...PERIODS.map((period) => query(sql.DROP_OLD_COUNTS, [period, now - PERIOD_KEPT_MS[period], limit])),
      query(sql.DROP_OLD_FAILURES, [now - LIMITS.failuresKeptMs, limit]),
    ];
    return (await Promise.all(dropped)).some(({ length }) => length === limit);
  }
}

type Placed = Pick<ReturnType<typeof rowOfCells>, "period" | "time" | "method">;

function inOrder(a: Placed, b: Placed): number {
  return a.period - b.period || a.time - b.time || (a.method < b.method ? -1 : 1);
}

function within(query: Query, shard: number | undefined): Query {
  return shard === undefined ? query : ofShard(query, shard);
}
