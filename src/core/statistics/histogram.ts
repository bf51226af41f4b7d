/**
 * How often durations were met: counts in buckets whose bounds grow by half, from a millisecond on. A quantile is about right:
 * at the most 1.5 times off.
 */
export type Histogram = ReadonlyMap<number, number>;
