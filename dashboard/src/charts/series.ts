import { signal } from "@preact/signals";
import { millisecondsOf } from "../format/duration.ts";
import { instantOf, minuteText, timeText, type Zone } from "../format/time.ts";
import type { Bucket } from "../wire.ts";

/** One interval of time in a chart. */
export interface Point {
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly beginP95: number | undefined;
  readonly runP50: number | undefined;
  readonly runP95: number | undefined;
}

/**
 * The start of the interval that all charts of a page read out; undefined for the newest interval.
 */
export const readOut = signal<number | undefined>(undefined);

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Converts counts to rates per minute, whatever the length of an interval is. */
export function pointsOf(
  series: readonly Bucket[] | undefined,
  bucket: string | undefined,
): readonly Point[] {
  const length = millisecondsOf(bucket) ?? MINUTE_MS;
  const rate = (count: number | undefined): number => ((count ?? 0) * MINUTE_MS) / length;
  return (series ?? []).map(({ time, ended }) => ({
    at: instantOf(time) ?? 0,
    succeeded: rate(ended?.succeeded),
    failed: rate(ended?.failed),
    cancelled: rate(ended?.cancelled),
    beginP95: millisecondsOf(ended?.begin?.p95),
    runP50: millisecondsOf(ended?.run?.p50),
    runP95: millisecondsOf(ended?.run?.p95),
  }));
}

/** The time of a point below an axis, with the day if the axis is longer than one day. */
export function tickText(points: readonly Point[], index: number, zone: Zone): string {
  const first = points[0];
  const last = points.at(-1);
  const point = points[index];
  if (first === undefined || last === undefined || point === undefined) return "";
  if (last.at - first.at < DAY_MS) return minuteText(point.at, zone);
  return timeText(point.at, last.at + 2 * DAY_MS, zone, "minutes");
}

/** The time of the point that is read out. */
export function pointTime(point: Point, now: number, zone: Zone): string {
  return timeText(point.at, now, zone, "minutes");
}
