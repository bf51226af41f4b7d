/** Round numbers for an axis. */
const STEPS = [1, 2, 2.5, 5, 10];
const PARTS = 4;

/** The steps of an axis from 0 with four equal round steps, and its top. */
export function axisOf(most: number): { readonly top: number; readonly ticks: readonly number[] } {
  const rough = Math.max(most, 1) / PARTS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const whole = Math.max(step, most <= PARTS ? 1 : 0);
  return { top: whole * PARTS, ticks: Array.from({ length: PARTS + 1 }, (_, index) => whole * index) };
}

/** The powers of ten, in milliseconds, that enclose the durations. */
export function decadesOf(values: readonly number[]): readonly number[] {
  const positive = values.filter((value) => value > 0);
  const least = positive.length === 0 ? 100 : Math.min(...positive);
  const most = positive.length === 0 ? 10_000 : Math.max(...positive);
  const first = Math.floor(Math.log10(Math.max(1, least)));
  const last = Math.max(first + 2, Math.ceil(Math.log10(Math.max(10, most))));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

/** The name of a power of ten: `10 ms`, `1 s`, `100 s`. */
export function decadeText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 1_000_000 ? `${ms / 1_000} s` : `${ms / 1_000_000}k s`;
}

/**
 * Indexes of the buckets that get a time label: evenly spaced, and the last bucket is one of them.
 */
export function tickIndexes(buckets: number, wanted: number): readonly number[] {
  if (buckets <= 1) return buckets === 0 ? [] : [0];
  const count = Math.min(wanted, buckets);
  return Array.from({ length: count }, (_, index) => Math.round((index * (buckets - 1)) / (count - 1)));
}
