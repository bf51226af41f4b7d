import type { MethodCounts } from "../statistics/counts.ts";
import type { Period } from "../statistics/periods.ts";

/**
 * The port to what is kept for operators: counts over time, failures, processes, and how many there are now. Implemented by
 * SQLite and PostgreSQL; the suite beside the store's says in cases what every implementation does.
 *
 * Nothing here decides about an operation, and nothing acknowledged depends on it: a process that dies takes the counts of the
 * last ten seconds along. Nothing scans the table of operations.
 */
export interface StatisticsStore {
  /**
   * Adds what a process counted since its last report, to the minute, the ten minutes and the hour that it is of. A process
   * reports from one place, and its own row is replaced. No report waits for a disk.
   *
   * @returns what the store refuses, today as tomorrow, and is dropped; the rest is written
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE; the report is then written with the next one of this process
   */
  add(report: ProcessReport): Promise<RefusedRows | undefined>;
  /**
   * What was counted in periods of one length that begin from `since` on and before `until`, by period and method, summed over
   * processes; oldest first. What is older than the period is kept for is not there.
   */
  series(query: SeriesQuery): Promise<readonly StatisticsRow[]>;
  /** Groups of failures, most frequent first. */
  failures(query: FailuresQuery): Promise<readonly FailureRow[]>;
  /** Processes seen since an instant, newest first; `limit` at most. */
  processes(since: number, limit: number): Promise<readonly ProcessRow[]>;
  /** How many there are now, by method. @throws {StatusError} UNAVAILABLE where it would take longer than a second */
  counts(): Promise<readonly LiveCount[]>;
  /** Unfinished operations of a parent and of all below it, counted up to `most`. What is looked at has a bound. */
  unfinished(parent: string, most: number): Promise<number>;
  /** Keys of a method with most that is blocked, `limit` at most. What is looked at has a bound. */
  keys(method: string, limit: number): Promise<readonly KeyCount[]>;
  /**
   * Merges what several processes counted in a period that is long over, and removes what is too old. Bounded.
   *
   * @returns whether there is more to do
   */
  merge(now: number): Promise<boolean>;
}

/** Rows that a store cannot keep, which is a bug of ours: how many, and what was wrong with the last. */
export interface RefusedRows {
  readonly count: number;
  readonly error: unknown;
}

/** What a process counted since its last report. */
export interface ProcessReport {
  /** The start of the minute, on the store's clock. */
  readonly time: number;
  readonly process: ProcessRow;
  readonly methods: ReadonlyMap<string, MethodCounts>;
  readonly failures: readonly FailureCount[];
}

/** Which counts. `method`: undefined for all. */
export interface SeriesQuery {
  readonly period: Period;
  readonly since: number;
  readonly until: number;
  readonly method?: string | undefined;
}

/** What was counted of a method in a period. */
export interface StatisticsRow {
  readonly time: number;
  readonly method: string;
  readonly counts: MethodCounts;
}

/** Failures that are alike, of one hour. */
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
  /** The name of one of the operations. */
  readonly sample: string;
}

/** Which failures. */
export interface FailuresQuery {
  readonly since: number;
  readonly method?: string | undefined;
  readonly limit: number;
}

/** Failures that are alike, over the hours asked for. `hours`: counts by the start of each hour that has any. */
export interface FailureRow extends Omit<FailureCount, "hour"> {
  readonly hours: ReadonlyMap<number, number>;
}

/** A process as others see it. */
export interface ProcessRow {
  /** The worker's id, `host-pid-random`. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly role: "all" | "api" | "worker";
  readonly startTime: number;
  readonly seenTime: number;
  /** Handlers that it may run at once; 0 where it runs none. */
  readonly slots: number;
  readonly running: number;
  readonly draining: boolean;
  /** The methods whose handlers it runs. */
  readonly methods: readonly string[];
}

/** How many operations of a method there are now, counted up to `LIMITS.countedMax` + 1 each. */
export interface LiveCount {
  readonly method: string;
  readonly waiting: number;
  readonly blocked: number;
  readonly delayed: number;
  readonly running: number;
  /** When the oldest became available; null where there is none. */
  readonly oldestWaiting: number | null;
  readonly oldestBlocked: number | null;
}

/** What waits for a key, counted up to `LIMITS.countedMax` + 1. */
export interface KeyCount {
  readonly key: string;
  readonly blocked: number;
  readonly held: number;
  readonly oldestBlocked: number | null;
}
