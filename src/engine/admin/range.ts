import { serviceError } from "../../core/error/error.ts";
import { RANGE_DEFAULT, RANGE_NAMES, type RangeName } from "../../core/statistics/ranges.ts";
import type { Period } from "../../core/statistics/periods.ts";

/** A period up to now, divided into buckets. */
export interface Range {
  /** The start of the first bucket, and the end of the last. */
  readonly since: number;
  readonly until: number;
  readonly bucketMs: number;
  /** The period of the stored counts that it reads. */
  readonly period: Period;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The ranges, with their lengths and buckets. A range has at most 120 buckets and reads at most 168
 * periods.
 */
const RANGES: Readonly<
  Record<RangeName, { readonly ms: number; readonly bucketMs: number; readonly period: Period }>
> = {
  "15m": { ms: 15 * MINUTE_MS, bucketMs: MINUTE_MS, period: 60 },
  "1h": { ms: HOUR_MS, bucketMs: MINUTE_MS, period: 60 },
  "6h": { ms: 6 * HOUR_MS, bucketMs: 10 * MINUTE_MS, period: 600 },
  "24h": { ms: 24 * HOUR_MS, bucketMs: 20 * MINUTE_MS, period: 600 },
  "7d": { ms: 168 * HOUR_MS, bucketMs: 2 * HOUR_MS, period: 3600 },
};

/**
 * Validates a range's name; empty for the default. @throws {StatusError} INVALID_ARGUMENT
 * RANGE_INVALID
 */
export function readRangeName(name: string): RangeName {
  const known = name === "" ? RANGE_DEFAULT : RANGE_NAMES.find((each) => each === name);
  if (known !== undefined) return known;
  const shown = name.slice(0, 50);
  throw serviceError(
    "RANGE_INVALID",
    `Invalid range: expected one of ${RANGE_NAMES.join(", ")}, got ${JSON.stringify(shown)}.`,
    { metadata: { range: shown } },
  );
}

/** The range of a name, up to the end of the current bucket. */
export function rangeOf(name: RangeName, now: number): Range {
  const { ms, bucketMs, period } = RANGES[name];
  const until = now - (now % bucketMs) + bucketMs;
  return { since: until - ms, until, bucketMs, period };
}

/** The index of the bucket that contains an instant. */
export function bucketOf({ since, bucketMs }: Range, time: number): number {
  return Math.floor((time - since) / bucketMs);
}

/** The number of buckets in a range. */
export function bucketsOf({ since, until, bucketMs }: Range): number {
  return (until - since) / bucketMs;
}
