import type { Histogram } from "./histogram.ts";

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
