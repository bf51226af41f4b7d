import { addHistogram, type Histogram } from "./histogram.ts";

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

/** Counts that are being added up. */
export type CountsSum = {
  -readonly [Name in keyof MethodCounts]: MethodCounts[Name] extends number ? number : Map<number, number>;
};

/** A sum of nothing so far. */
export function emptySum(): CountsSum {
  return {
    started: 0,
    began: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    retried: 0,
    workerLost: 0,
    begin: new Map(),
    run: new Map(),
  };
}

/** Adds what was counted elsewhere. */
export function addCounts(sum: CountsSum, counts: MethodCounts): void {
  sum.started += counts.started;
  sum.began += counts.began;
  sum.succeeded += counts.succeeded;
  sum.failed += counts.failed;
  sum.cancelled += counts.cancelled;
  sum.retried += counts.retried;
  sum.workerLost += counts.workerLost;
  addHistogram(sum.begin, counts.begin);
  addHistogram(sum.run, counts.run);
}

/** What both counted. */
export function sumOfCounts(one: MethodCounts, other: MethodCounts): MethodCounts {
  const sum = emptySum();
  addCounts(sum, one);
  addCounts(sum, other);
  return sum;
}
