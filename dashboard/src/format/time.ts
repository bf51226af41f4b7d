/** Times for people, in one zone for the whole page. */
export type Zone = "local" | "UTC";

/** The precision of a time. */
export type Precision = "minutes" | "seconds" | "tenths" | "milliseconds";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 86_400_000;

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

function fieldsOf(at: number, zone: Zone): Fields {
  const date = new Date(at);
  return zone === "UTC"
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        weekday: date.getUTCDay(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        weekday: date.getDay(),
        hour: date.getHours(),
        minute: date.getMinutes(),
      };
}

const two = (number: number): string => String(number).padStart(2, "0");

/** `14:02`, in the given zone. */
export function minuteText(at: number, zone: Zone): string {
  const { hour, minute } = fieldsOf(at, zone);
  return `${two(hour)}:${two(minute)}`;
}

function secondsText(at: number, precision: Precision): string {
  if (precision === "minutes") return "";
  const rest = ((at % 60_000) + 60_000) % 60_000;
  const seconds = `:${two(Math.floor(rest / 1_000))}`;
  if (precision === "seconds") return seconds;
  const part = Math.floor(rest % 1_000);
  return `${seconds}.${precision === "tenths" ? Math.floor(part / 100) : String(part).padStart(3, "0")}`;
}

/**
 * Today `14:02:11`, this week `Tue 14:02`, otherwise `28 Nov 14:02`, with the year if it is a
 * different one.
 */
export function timeText(at: number, now: number, zone: Zone, precision: Precision = "seconds"): string {
  const time = fieldsOf(at, zone);
  const today = fieldsOf(now, zone);
  const minutes = `${two(time.hour)}:${two(time.minute)}`;
  const sameDay = time.year === today.year && time.month === today.month && time.day === today.day;
  if (sameDay) return minutes + secondsText(at, precision);
  const fine =
    precision === "minutes" || precision === "seconds" ? minutes : minutes + secondsText(at, precision);
  if (Math.abs(now - at) < 6 * DAY_MS) return `${DAYS[time.weekday]} ${fine}`;
  const year = time.year === today.year ? "" : ` ${time.year}`;
  return `${time.day} ${MONTHS[time.month]}${year} ${fine}`;
}

/** The full time in UTC, for titles: `2026-11-28 13:02:11.832 UTC`. */
export function titleText(at: number): string {
  return `${new Date(at).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** The offset of a zone from UTC at an instant: `UTC+01:00`. */
export function zoneText(at: number, zone: Zone): string {
  const minutes = zone === "UTC" ? 0 : -new Date(at).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Milliseconds of an RFC 3339 text; undefined if there is none. */
export function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
