import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { State } from "../../core/operation/operation.ts";
import { spanText } from "../../core/value/span.ts";

/** Counts, times and durations for operators. A dash stands for an absent value. */

const NONE = "–";

/** Each state as a shape, which can be distinguished without colours. */
export const STATE_GLYPHS: Readonly<Record<State, string>> = {
  PENDING: "○",
  RUNNING: "◐",
  SUCCEEDED: "✓",
  FAILED: "✗",
  CANCELLED: "⊘",
};

/** `1,284`; `10,000+` if there are more. */
export function countText(count: number, more = false): string {
  return `${count.toLocaleString("en-US")}${more ? "+" : ""}`;
}

/** Such as `8.2 %`. */
export function partText(part: number, whole: number): string {
  return whole === 0 ? NONE : `${((100 * part) / whole).toFixed(1)} %`;
}

/** A duration such as `3.1 s`. */
export function durationText(duration: Duration | undefined): string {
  return duration === undefined ? NONE : spanText(msOf(duration));
}

/** The time since an instant, such as `14 min`. */
export function agoText(time: Timestamp | undefined, now: Timestamp | undefined): string {
  if (time === undefined || now === undefined) return NONE;
  return spanText(Math.max(0, msOf(now) - msOf(time)));
}

/** An instant in RFC 3339; undefined if there is none. */
export function timeText(time: Timestamp | undefined): string | undefined {
  return time === undefined ? undefined : new Date(msOf(time)).toISOString();
}

function msOf({ seconds, nanos }: Duration | Timestamp): number {
  return Number(seconds) * 1_000 + Math.floor(nanos / 1e6);
}
