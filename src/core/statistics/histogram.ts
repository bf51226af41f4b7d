/**
 * How often durations were met: counts in buckets whose bounds grow by half, from a millisecond on. A quantile is about right:
 * at the most 1.5 times off.
 */
export type Histogram = ReadonlyMap<number, number>;

/** The last one takes what is longer than 55 days too. */
export const BUCKETS = 56;
const GROWTH = 1.5;

/** Upper bounds of the buckets, in milliseconds, ascending. */
export const BOUNDS: readonly number[] = Array.from({ length: BUCKETS }, (_, bucket) => GROWTH ** bucket);

/** The bucket of a duration: the first whose bound is not below it. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  // Logarithms are a little off at the bounds themselves.
  let bucket = Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / Math.log(GROWTH)));
  if (bucket > 0 && ms <= (BOUNDS[bucket - 1] ?? 0)) bucket--;
  else if (bucket < BUCKETS - 1 && ms > (BOUNDS[bucket] ?? 0)) bucket++;
  return bucket;
}

/** Adds what another has met. */
export function addHistogram(sum: Map<number, number>, other: Histogram): void {
  for (const [bucket, count] of other) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
}

/**
 * The duration that a part of all that were met does not exceed, in milliseconds: the middle of its bucket.
 *
 * @param part from 0 to 1, such as 0.95
 * @returns undefined where none was met
 */
export function quantileOf(histogram: Histogram, part: number): number | undefined {
  const total = [...histogram.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil(part * total));
  const buckets = [...histogram.keys()].toSorted((a, b) => a - b);
  const bucket = buckets.find((each) => (left -= histogram.get(each) ?? 0) <= 0) ?? BUCKETS - 1;
  return bucket === 0 ? 1 : GROWTH ** (bucket - 0.5);
}

/** As it is kept: JSON with a member for each bucket that has any. */
export function histogramText(histogram: Histogram): string {
  return JSON.stringify(Object.fromEntries(histogram));
}

/** The histogram of a text that {@link histogramText} made; what is none of its members is left out. */
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
