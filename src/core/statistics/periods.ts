import { LIMITS } from "../limits.ts";

/** The lengths of the counted periods, in seconds. */
export const PERIODS = [60, 600, 3600] as const;

/** The length of a period, in seconds. */
export type Period = (typeof PERIODS)[number];

/** How long counts are kept, in milliseconds, by the length of the period. */
export const PERIOD_KEPT_MS: Readonly<Record<Period, number>> = {
  60: LIMITS.minutesKeptMs,
  600: LIMITS.tenMinutesKeptMs,
  3600: LIMITS.hoursKeptMs,
};

/** The start of the period that contains an instant. */
export function periodStart(time: number, period: Period): number {
  return time - (time % (period * 1_000));
}
