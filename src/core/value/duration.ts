/**
 * A duration in readable form: digits and one unit, such as `"250ms"`, `"30s"`, `"1.5h"`, `"30d"`.
 */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The form of a duration. */
export const DURATION_FORM = /^(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d)$/;

/**
 * Parses a duration.
 *
 * @returns whole milliseconds, rounded; undefined if the text is not a duration. Proto-JSON
 *   durations (`"3.5s"`) also match, because the unit is seconds.
 */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION_FORM.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]);
}

/**
 * Writes milliseconds as a proto-JSON duration: seconds with at most three decimals, such as `"1.5s"`.
 *
 * @see google/protobuf/duration.proto, "JSON Mapping"
 */
export function formatDuration(ms: number): string {
  return `${Number((ms / 1_000).toFixed(3))}s`;
}

/**
 * Converts a duration in a developer's code to milliseconds. @throws {TypeError} with the expected
 * and the given value
 */
export function durationMs(what: string, duration: string): number {
  const ms = parseDurationMs(duration);
  if (ms === undefined) {
    throw new TypeError(
      `${what}: expected a duration such as "30s", "15m" or "30d", got ${JSON.stringify(duration)}`,
    );
  }
  return ms;
}
