import type { StatisticsRow } from "../../core/ports/statistics-store.ts";
import { addCounts, type CountsSum, emptySum, type MethodCounts } from "../../core/statistics/counts.ts";
import { BOUNDS, type Histogram, quantileOf } from "../../core/statistics/histogram.ts";
import { bucketOf, bucketsOf, type Range } from "./range.ts";

/** Counts and durations of ended operations. Durations are in milliseconds. */
export interface Ended {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retried: number;
  readonly workerLost: number;
  readonly begin: Quantiles | null;
  readonly run: Quantiles | null;
}

/** Quantiles of a duration. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** A period of time. */
export interface Bucket {
  readonly time: number;
  readonly ended: Ended;
}

/** Zero for everything. */
export const NO_COUNTS: MethodCounts = emptySum();

/** The sum of all rows. */
export function sumOfRows(rows: Iterable<StatisticsRow>): MethodCounts {
  const sum = emptySum();
  for (const { counts } of rows) addCounts(sum, counts);
  return sum;
}

/** The sums by method. */
export function sumsByMethod(rows: Iterable<StatisticsRow>): ReadonlyMap<string, MethodCounts> {
  const sums = new Map<string, CountsSum>();
  for (const { method, counts } of rows) {
    const sum = sums.get(method) ?? emptySum();
    addCounts(sum, counts);
    sums.set(method, sum);
  }
  return sums;
}

/** Counts as shown to operators. */
export function endedOf(counts: MethodCounts): Ended {
  const { started, succeeded, failed, cancelled, retried, workerLost, begin, run } = counts;
  return {
    started,
    succeeded,
    failed,
    cancelled,
    retried,
    workerLost,
    begin: quantilesOf(begin),
    run: quantilesOf(run),
  };
}

function quantilesOf(histogram: Histogram): Quantiles | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => quantileOf(histogram, part));
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
}

/** The number of ended operations. */
export function endsOf({
  succeeded,
  failed,
  cancelled,
}: Pick<Ended, "succeeded" | "failed" | "cancelled">): number {
  return succeeded + failed + cancelled;
}

/** Every bucket of a range, oldest first, including empty ones. */
export function seriesOf(range: Range, rows: readonly StatisticsRow[]): readonly Bucket[] {
  const sums = Array.from({ length: bucketsOf(range) }, emptySum);
  for (const { time, counts } of rows) {
    const sum = sums[bucketOf(range, time)];
    if (sum !== undefined) addCounts(sum, counts);
  }
  return sums.map((sum, index) => ({ time: range.since + index * range.bucketMs, ended: endedOf(sum) }));
}

const SPARK_MAX = 60;

/** The ended operations of each method over a range, in a few buckets. */
export function sparksOf(
  range: Range,
  rows: readonly StatisticsRow[],
): ReadonlyMap<string, readonly number[]> {
  const buckets = bucketsOf(range);
  const width = Math.ceil(buckets / SPARK_MAX);
  const sparks = new Map<string, number[]>();
  for (const { method, time, counts } of rows) {
    const spark = sparks.get(method) ?? Array.from({ length: Math.ceil(buckets / width) }, () => 0);
    const index = Math.floor(bucketOf(range, time) / width);
    if (spark[index] !== undefined) spark[index] += endsOf(counts);
    sparks.set(method, spark);
  }
  return sparks;
}

/** A histogram as shown to operators, without the empty buckets at both ends. */
export interface ShownHistogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** @see ShownHistogram */
export function shownHistogram(histogram: Histogram): ShownHistogram {
  const buckets = [...histogram.keys()];
  if (buckets.length === 0) return { bounds: [], counts: [] };
  const [first, last] = [Math.min(...buckets), Math.max(...buckets)];
  const bounds = BOUNDS.slice(first, last + 1);
  return { bounds, counts: bounds.map((_, index) => histogram.get(first + index) ?? 0) };
}
