/**
 * The frequencies of durations, in buckets whose bounds grow by half, from a millisecond. A
 * quantile is off by a factor of at most 1.5.
 */
export type Histogram = ReadonlyMap<number, number>;

/** The last bucket also counts durations longer than 55 days. */
export const BUCKETS = 56;
const GROWTH = 1.5;

/** Upper bounds of the buckets, in milliseconds, ascending. */
export const BOUNDS: readonly number[] = Array.from({ length: BUCKETS }, (_, bucket) => GROWTH ** bucket);

/** The bucket of a duration: the first with a bound that is not smaller. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  // Logarithms are slightly inexact at the bounds.
  let bucket = Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / Math.log(GROWTH)));
  if (bucket > 0 && ms <= (BOUNDS[bucket - 1] ?? 0)) bucket--;
  else if (bucket < BUCKETS - 1 && ms > (BOUNDS[bucket] ?? 0)) bucket++;
  return bucket;
}

/** Adds another histogram. */
export function addHistogram(sum: Map<number, number>, other: Histogram): void {
  for (const [bucket, count] of other) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
}

/**
 * The duration that a given part of all durations does not exceed, in milliseconds: the middle of
 * its bucket.
 *
 * @param part from 0 to 1, such as 0.95
 * @returns undefined for an empty histogram
 */
export function quantileOf(histogram: Histogram, part: number): number | undefined {
  const total = [...histogram.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil(part * total));
  const buckets = [...histogram.keys()].toSorted((a, b) => a - b);
  const bucket = buckets.find((each) => (left -= histogram.get(each) ?? 0) <= 0) ?? BUCKETS - 1;
  return bucket === 0 ? 1 : GROWTH ** (bucket - 0.5);
}

/** The stored form: JSON with a member for each bucket that is not empty. */
export function histogramText(histogram: Histogram): string {
  return JSON.stringify(Object.fromEntries(histogram));
}

/** Parses a text of {@link histogramText}; other members are ignored. */
export function readHistogram(text: string): Histogram {
  const members = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
  const histogram = new Map<number, number>();
  for (const [name, count] of members) {
    const bucket = Number(name);
    const isOne = Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS;
    if (isOne && typeof count === "number" && count > 0) histogram.set(bucket, count);
  }
  return histogram;
}
