const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Recently used days, because `toISOString` costs more than the rest of an operation's JSON. */
const dates = new Map<number, string>();
const DATES_MAX = 1_000;

/**
 * A time in proto-JSON: RFC 3339 in UTC, always with milliseconds, so that texts sort like times.
 *
 * @param milliseconds since the Unix epoch, whole, within the range of `Date`
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

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const ZONE = /^(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Converts the parts of an RFC 3339 timestamp to milliseconds since the Unix epoch; undefined for a
 * day, hour or zone that does not exist: `Date.parse` reads the 30th of February as the 2nd of
 * March, and hour 24 as the next day.
 *
 * A leap second is rejected, because our timestamps cannot express it.
 *
 * @param time without the fraction
 * @see RFC 3339, section 5.6
 */
export function instantOf(date: string, time: string, zone: string): number | undefined {
  const [, year = "", month = "", day = ""] = DATE.exec(date) ?? [];
  const days = new Date(Date.UTC(2_000, Number(month), 0)).getUTCDate();
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const last = month === "02" && !isLeap ? days - 1 : days;
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > last) return undefined;
  if (!TIME.test(time) || !ZONE.test(zone)) return undefined;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}
