import { serviceError } from "../../core/error/error.ts";
import type { Period } from "../../core/statistics/periods.ts";

/** A stretch of time up to now, cut into buckets. */
export interface Range {
  /** The start of the first bucket, and of the next after the last. */
  readonly since: number;
  readonly until: number;
  readonly bucketMs: number;
  /** The periods that it is read in. */
  readonly period: Period;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The ranges: how long they are, and what they are cut into. None has more than 120 buckets, nor reads more than 168 periods. */
const RANGES: Readonly<
  Record<string, { readonly ms: number; readonly bucketMs: number; readonly period: Period }>
> = {
  "15m": { ms: 15 * MINUTE_MS, bucketMs: MINUTE_MS, period: 60 },
  "1h": { ms: HOUR_MS, bucketMs: MINUTE_MS, period: 60 },
  "6h": { ms: 6 * HOUR_MS, bucketMs: 10 * MINUTE_MS, period: 600 },
  "24h": { ms: 24 * HOUR_MS, bucketMs: 20 * MINUTE_MS, period: 600 },
  "7d": { ms: 168 * HOUR_MS, bucketMs: 2 * HOUR_MS, period: 3600 },
};

/**
 * The range of a name, up to the end of the bucket that is under way.
 *
 * @param name empty for `1h`
 * @throws {StatusError} INVALID_ARGUMENT RANGE_INVALID
 */
export function rangeOf(name: string, now: number): Range {
  const range = Object.hasOwn(RANGES, name === "" ? "1h" : name)
    ? RANGES[name === "" ? "1h" : name]
    : undefined;
  if (range === undefined) {
    const shown = name.slice(0, 50);
    const known = Object.keys(RANGES).join(", ");
    throw serviceError(
      "RANGE_INVALID",
      `Invalid range: expected one of ${known}, got ${JSON.stringify(shown)}.`,
      {
        metadata: { range: shown },
      },
    );
  }
  const { ms, bucketMs, period } = range;
  const until = now - (now % bucketMs) + bucketMs;
  return { since: until - ms, until, bucketMs, period };
}

/** The bucket of a range that an instant is in. */
export function bucketOf({ since, bucketMs }: Range, time: number): number {
  return Math.floor((time - since) / bucketMs);
}

/** How many buckets a range has. */
export function bucketsOf({ since, until, bucketMs }: Range): number {
  return (until - since) / bucketMs;
}
