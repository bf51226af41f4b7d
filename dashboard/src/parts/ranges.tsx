import type { JSX } from "preact";
import { hrefWith, queryValue } from "../route.ts";

/** The ranges of the statistics, with their names. */
export const RANGES = [
  { value: "15m", minutes: 15, title: "15 min", last: "the last 15 minutes" },
  { value: "1h", minutes: 60, title: "1 hour", last: "the last hour" },
  { value: "6h", minutes: 360, title: "6 hours", last: "the last 6 hours" },
  { value: "24h", minutes: 1_440, title: "24 hours", last: "the last 24 hours" },
  { value: "7d", minutes: 10_080, title: "7 days", last: "the last 7 days" },
] as const;

export type Range = (typeof RANGES)[number];

/** The range in the address; an hour if the address has none. */
export function currentRange(): Range {
  const value = queryValue("range");
  return RANGES.find((range) => range.value === value) ?? RANGES[1];
}

/** A control that chooses the range. */
export function RangeChoice(): JSX.Element {
  const current = currentRange();
  return (
    <div class="seg" role="group" aria-label="Time range">
      {RANGES.map((range) => (
        <a
          key={range.value}
          href={hrefWith({ range: range.value === "1h" ? undefined : range.value })}
          aria-current={range === current ? "true" : undefined}
        >
          {range.title}
        </a>
      ))}
    </div>
  );
}
