import type { MethodCounts } from "../statistics/counts.ts";
import type { Period } from "../statistics/periods.ts";

/**
 * The port to statistics for operators: counts over time, failures, processes and live counts,
 * implemented by SQLite and PostgreSQL. A suite next to the store's specifies every implementation.
 *
 * No decision about an operation and no acknowledgement depends on statistics: a crash loses the
 * counts of the last ten seconds. Nothing here scans the table of operations.
 */
export interface StatisticsStore {
  /**
   * Adds the counts of a process since its last report to the current minute, ten minutes and hour,
   * and replaces the row of the process. A report does not wait for a disk.
   *
   * @returns the rows that the store refuses permanently; they are dropped, and the rest is written
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE; the report is then written with the next one of this process
   */
  add(report: ProcessReport): Promise<RefusedRows | undefined>;
  /**
   * Replaces the rows of processes that have no counts of their own, in one statement; on a
   * distributed database in one for each shard. It does not wait for a disk.
   *
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE
   */
  see(processes: readonly ProcessRow[]): Promise<void>;
  /**
   * The counts of all periods of one length that begin in [`since`, `until`), by period and method,
   * summed over processes; oldest first. Periods beyond their retention are missing.
   */
  series(query: SeriesQuery): Promise<readonly StatisticsRow[]>;
  /** Groups of failures, most frequent first. */
  failures(query: FailuresQuery): Promise<readonly FailureRow[]>;
  /**
   * Processes seen since an instant, newest first; `limit` at most. Workers over the network come
   * after all others, because they choose their names: many of them must not displace a process.
   */
  processes(since: number, limit: number): Promise<readonly ProcessRow[]>;
  /**
   * Live counts by method. @throws {StatusError} UNAVAILABLE if it would take longer than a second
   */
  counts(): Promise<readonly LiveCount[]>;
  /**
   * The number of unfinished operations of a parent and all parents below it, up to `most`. The
   * number of rows read is limited.
   */
  unfinished(parent: string, most: number): Promise<number>;
  /**
   * The keys of a method with the most blocked operations, at most `limit`. The number of rows read
   * is limited.
   */
  keys(method: string, limit: number): Promise<readonly KeyCount[]>;
  /**
   * Merges the rows of several processes for old periods, and removes rows beyond their retention.
   * One call does a limited amount of work.
   *
   * @returns whether there is more to do
   */
  merge(now: number): Promise<boolean>;
}

/**
 * Rows that the store refused because of a bug of ours: their number, and the error of the last
 * one.
 */
export interface RefusedRows {
  readonly count: number;
  readonly error: unknown;
}

/** The counts of a process since its last report. */
export interface ProcessReport {
  /** The start of the minute, on the store's clock. */
  readonly time: number;
  readonly process: ProcessRow;
  readonly methods: ReadonlyMap<string, MethodCounts>;
  readonly failures: readonly FailureCount[];
}

/** The request of a series. `method`: undefined for all. */
export interface SeriesQuery {
  readonly period: Period;
  readonly since: number;
  readonly until: number;
  readonly method?: string | undefined;
}

/** The counts of a method in a period. */
export interface StatisticsRow {
  readonly time: number;
  readonly method: string;
  readonly counts: MethodCounts;
}

/** Similar failures of one hour. */
export interface FailureCount {
  readonly key: string;
  /** The start of the hour. */
  readonly hour: number;
  readonly method: string;
  readonly code: string;
  readonly reason: string;
  readonly text: string;
  readonly count: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** The name of one such operation. */
  readonly sample: string;
}

/** The request of failures. */
export interface FailuresQuery {
  readonly since: number;
  readonly method?: string | undefined;
  readonly limit: number;
}

/**
 * Similar failures over the requested hours. `hours`: counts by the start of each hour that has
 * failures.
 */
export interface FailureRow extends Omit<FailureCount, "hour"> {
  readonly hours: ReadonlyMap<number, number>;
}

/** A process as other processes see it. */
export interface ProcessRow {
  /** The worker's id, `host-pid-random`. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /**
   * `remote`: a worker over the network, as the process that it calls knows it. The id then names
   * both, and host and pid are those of the process.
   */
  readonly role: "all" | "api" | "worker" | "remote";
  readonly startTime: number;
  readonly seenTime: number;
  /** The number of concurrent handlers; 0 for none. */
  readonly slots: number;
  readonly running: number;
  readonly draining: boolean;
  /** The methods whose handlers it runs. */
  readonly methods: readonly string[];
}

/** The current numbers of a method's operations, each counted up to `LIMITS.countedMax` + 1. */
export interface LiveCount {
  readonly method: string;
  readonly waiting: number;
  readonly blocked: number;
  readonly delayed: number;
  readonly running: number;
  /** The time at which the oldest became available; null for none. */
  readonly oldestWaiting: number | null;
  readonly oldestBlocked: number | null;
}

/** The operations of a key, counted up to `LIMITS.countedMax` + 1. */
export interface KeyCount {
  readonly key: string;
  readonly blocked: number;
  readonly held: number;
  readonly oldestBlocked: number | null;
}
