import { addHistogram, type Histogram } from "./histogram.ts";

/** The counts of a method's operations in a period. All are whole numbers. */
export interface MethodCounts {
  readonly started: number;
  /** First attempts. */
  readonly began: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Failed attempts that were followed by another. */
  readonly retried: number;
  /** Attempts whose worker vanished. */
  readonly workerLost: number;
  /** The time from available to the first attempt, in milliseconds. */
  readonly begin: Histogram;
  /** The durations of successful attempts, in milliseconds. */
  readonly run: Histogram;
}

/** A sum under construction. */
export type CountsSum = {
  -readonly [Name in keyof MethodCounts]: MethodCounts[Name] extends number ? number : Map<number, number>;
};

/** An empty sum. */
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

/** Adds counts to a sum. */
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

/** The sum of two counts. */
export function sumOfCounts(one: MethodCounts, other: MethodCounts): MethodCounts {
  const sum = emptySum();
  addCounts(sum, one);
  addCounts(sum, other);
  return sum;
}
