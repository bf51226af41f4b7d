/**
 * The delay of a `Retry-After` in milliseconds, from seconds or a date. 0 for an invalid value.
 *
 * @param now milliseconds since the Unix epoch
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(text: string | undefined, now: number): number {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : Math.max(0, time - now);
}
