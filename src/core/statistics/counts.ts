import { type Histogram, mergedHistogram } from "./histogram.ts";

/** What happened to operations of a method in a stretch of time. Whole numbers. */
export interface MethodCounts {
  readonly started: number;
  /** First attempts. */
  readonly began: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Attempts that failed and were followed by another. */
  readonly retried: number;
  /** Attempts whose worker vanished. */
  readonly workerLost: number;
  /** From available to the first attempt, in milliseconds. */
  readonly begin: Histogram;
  /** The attempts that succeeded, in milliseconds. */
  readonly run: Histogram;
}

/** What both counted. */
export function sumOfCounts(one: MethodCounts, other: MethodCounts): MethodCounts {
  return {
    started: one.started + other.started,
    began: one.began + other.began,
    succeeded: one.succeeded + other.succeeded,
    failed: one.failed + other.failed,
    cancelled: one.cancelled + other.cancelled,
    retried: one.retried + other.retried,
    workerLost: one.workerLost + other.workerLost,
    begin: mergedHistogram(one.begin, other.begin),
    run: mergedHistogram(one.run, other.run),
  };
}
