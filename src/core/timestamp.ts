const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The days that were asked for last: `toISOString` costs more than all the rest of an operation's JSON. */
const dates = new Map<number, string>();
const DATES_MAX = 1_000;

/**
 * A time as proto-JSON writes it: RFC 3339 in UTC, always with milliseconds, so that texts sort as times do.
 *
 * @param milliseconds since the Unix epoch, whole, and within what `Date` knows
 */
export function formatTimestamp(milliseconds: number): string {
  const day = Math.floor(milliseconds / DAY_MS);
  const time = milliseconds - day * DAY_MS;
  const hours = Math.floor(time / HOUR_MS);
  const minutes = Math.floor((time % HOUR_MS) / MINUTE_MS);
  const seconds = Math.floor((time % MINUTE_MS) / SECOND_MS);
  const rest = time % SECOND_MS;
  return `${dateOf(day)}${two(hours)}:${two(minutes)}:${two(seconds)}.${rest < 100 ? "0" : ""}${two(rest)}Z`;
}

function dateOf(day: number): string {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY_MS).toISOString();
  const date = text.slice(0, text.indexOf("T") + 1);
  if (dates.size >= DATES_MAX) dates.clear();
  dates.set(day, date);
  return date;
}

function two(digits: number): string {
  return digits < 10 ? `0${digits}` : `${digits}`;
}
