const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time: `23 ms`, `0.3 s`, `22.4 s`, `4 min 5 s`, `10 min`, `3 h 12 min`, `2 d`. */
export function durationText(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 100) return `${Math.round(size)} ms`;
  if (size < MINUTE - 50) return `${(size / SECOND).toFixed(1)} s`;
  if (size < 10 * MINUTE) return pair(Math.round(size / SECOND), 60, "min", "s");
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < DAY) return pair(Math.floor(size / MINUTE), 60, "h", "min");
  if (size < 10 * DAY) return pair(Math.floor(size / HOUR), 24, "d", "h");
  return `${Math.floor(size / DAY)} d`;
}

/** The same in whole units, for running text: `22 s`, `14 min`, `3 h`. */
export function aboutText(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 100) return `${Math.round(size)} ms`;
  if (size < 9_950) return `${(size / SECOND).toFixed(1)} s`;
  if (size < MINUTE) return `${Math.round(size / SECOND)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < DAY) return `${Math.floor(size / HOUR)} h`;
  return `${Math.floor(size / DAY)} d`;
}

/** The same, or a dash if the duration is unknown. */
export function aboutOrDash(ms: number | undefined): string {
  return ms === undefined ? "–" : aboutText(ms);
}

/** How long ago: `8 s ago`, `2 min ago`; `now` for less than a second. */
export function agoText(ms: number): string {
  if (ms < SECOND) return "now";
  return `${ms < MINUTE ? `${Math.floor(ms / SECOND)} s` : aboutText(ms)} ago`;
}

function pair(smaller: number, size: number, large: string, small: string): string {
  const rest = smaller % size;
  const first = `${Math.floor(smaller / size)} ${large}`;
  return rest === 0 ? first : `${first} ${rest} ${small}`;
}

/** Milliseconds of a duration as JSON writes it, such as `1.5s`; undefined if there is none. */
export function millisecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number.parseFloat(text);
  return Number.isNaN(seconds) ? undefined : seconds * SECOND;
}
