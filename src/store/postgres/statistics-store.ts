import { shardOfText } from "../../core/operation/id.ts";
import { LIMITS } from "../../core/limits.ts";
import type {
  FailureRow,
  FailuresQuery,
  KeyCount,
  LiveCount,
  ProcessReport,
  ProcessRow,
  RefusedRows,
  SeriesQuery,
  StatisticsRow,
  StatisticsStore,
} from "../../core/ports/statistics-store.ts";
import { cellsOf, seriesOf } from "../statistics/counts-row.ts";
import { belowOf } from "../statistics/below.ts";
import { failureCells, groupedFailures } from "../statistics/failure-rows.ts";
import { processCells, readProcess } from "../statistics/process-rows.ts";
import { Reports, type ReportWrite } from "../statistics/reports.ts";
import { type BesideParts, once, storeRows } from "./beside.ts";
import { joinedCounts, joinedKeys } from "./live-counts.ts";
import { Merging } from "./merging.ts";
import type { Query } from "./session.ts";
import { EVERY_SHARD, ofShard } from "./sharding.ts";
import * as counting from "./statements-counts.ts";
import { BRIEFLY } from "./statements-session.ts";
import * as sql from "./statements-statistics.ts";

const MOST = LIMITS.countedMax + 1;
const PUT_PROCESS = { plain: sql.PUT_PROCESS, ofShard: sql.putProcessText };
const PUT_COUNTS = { plain: sql.PUT_COUNTS, ofShard: sql.putCountsText };
const ADD_FAILURES = { plain: sql.ADD_FAILURES, ofShard: sql.addFailuresText };

const rowOfProcess = (process: ProcessRow) => [shardOfText(process.id), ...processCells(process)] as const;

/**
 * Statistics and processes in PostgreSQL. A write is tried once: the next write includes what it
 * failed to store. On a distributed database, unfinished operations are counted shard by shard; all
 * other queries read all shards at once.
 */
export class PostgresStatistics implements StatisticsStore {
  readonly #parts: BesideParts;
  readonly #reports = new Reports();
  readonly #merging: Merging;

  constructor(parts: BesideParts) {
    this.#parts = parts;
    this.#merging = new Merging(parts);
  }

  add(report: ProcessReport): Promise<RefusedRows | undefined> {
    return this.#parts.change(() => this.#reports.add(report, (write) => once(() => this.#write(write))));
  }

  see(processes: readonly ProcessRow[]): Promise<void> {
    const { database, isDistributed, change } = this.#parts;
    const rows = processes.map(rowOfProcess);
    const query: Query = (text, parameters) => database.query(text, parameters);
    return change(() => once(() => storeRows(query, PUT_PROCESS, rows, isDistributed)));
  }

  async series({ period, since, until, method }: SeriesQuery): Promise<readonly StatisticsRow[]> {
    return seriesOf(await this.#query(sql.SERIES, [period, since, until, method ?? null]));
  }

  async failures({ since, method, limit }: FailuresQuery): Promise<readonly FailureRow[]> {
    return groupedFailures(
      await this.#query(sql.FAILURES, [since, method ?? null, LIMITS.failureRowsMax]),
      limit,
    );
  }

  async processes(since: number, limit: number): Promise<readonly ProcessRow[]> {
    return (await this.#query(sql.PROCESSES, [since, limit])).map(readProcess);
  }

  async counts(): Promise<readonly LiveCount[]> {
    const parameters = [this.#parts.now(), MOST, LIMITS.countedMethodsMax, LIMITS.runningCountedMax];
    return joinedCounts(await this.#brieflyEverywhere(counting.LIVE_COUNTS, parameters));
  }

  async unfinished(parent: string, most: number): Promise<number> {
    const parameters = [parent, ...belowOf(parent), most];
    const rows = await this.#brieflyEverywhere(counting.UNFINISHED, parameters);
    const count = rows.reduce((sum, [each]) => sum + Number(each), 0);
    return Math.min(count, most);
  }

  async keys(method: string, limit: number): Promise<readonly KeyCount[]> {
    return joinedKeys(await this.#brieflyEverywhere(counting.KEYS, [method, MOST, limit]), limit);
  }

  merge(now: number): Promise<boolean> {
    return this.#parts.change(() => once(() => this.#merging.round(now)));
  }

  /**
   * Failures are added to the stored ones. They are written in one transaction with the rest, so
   * that a repeated write counts once; on a distributed database this would be a commit over
   * several nodes, so failures of a shard may count twice.
   */
  #write(write: ReportWrite): Promise<void> {
    const { database, isDistributed } = this.#parts;
    return write.failures.length === 0 || isDistributed
      ? this.#writeBy((text, parameters) => database.query(text, parameters), write)
      : database.transaction((query) => this.#writeBy(query, write));
  }

  /** The process is written last: a reader that sees it also sees its counts. */
  async #writeBy(query: Query, { process, counts, failures }: ReportWrite): Promise<void> {
    const { isDistributed } = this.#parts;
    const counted = counts.map((row) => [shardOfText(row.method), ...cellsOf(row)] as const);
    const failed = failures.map((row) => [shardOfText(row.method), ...failureCells(row)] as const);
    await storeRows(query, PUT_COUNTS, counted, isDistributed);
    await storeRows(query, ADD_FAILURES, failed, isDistributed);
    await storeRows(query, PUT_PROCESS, [rowOfProcess(process)], isDistributed);
  }

  #query(...[text, parameters]: Parameters<Query>): ReturnType<Query> {
    return this.#carryOut(() => this.#parts.database.query(text, parameters));
  }

  /**
   * Runs a statement of one shard, on each shard if there are several, with a time limit of a
   * second each.
   */
  #brieflyEverywhere(...[text, parameters]: Parameters<Query>): ReturnType<Query> {
    const { database, isDistributed } = this.#parts;
    const ask = (shard?: number): ReturnType<Query> =>
      database.transaction(async (whole) => {
        const query = shard === undefined ? whole : ofShard(whole, shard);
        const [, rows] = await Promise.all([whole(BRIEFLY), query(text, parameters)]);
        return rows;
      });
    return this.#carryOut(async () =>
      isDistributed ? (await Promise.all(EVERY_SHARD.map(ask))).flat() : ask(),
    );
  }

  #carryOut<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.#parts.carryOut(() => once(work));
  }
}
