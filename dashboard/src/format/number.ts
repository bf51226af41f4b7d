const WHOLE = new Intl.NumberFormat("en-US");

/** `1,284` */
export function countText(count: number): string {
  return WHOLE.format(count);
}

/** `10,000+` if the counting stopped there. */
export function countedText(count: number | undefined, more: boolean | undefined): string {
  return `${countText(count ?? 0)}${more === true ? "+" : ""}`;
}

/** `3.3 %`; a dash if the whole is 0. */
export function percentText(part: number, whole: number): string {
  if (whole === 0) return "–";
  return `${((part / whole) * 100).toFixed(1)} %`;
}

/** A number on an axis: `750`, `1k`, `2.5k`, `3M`. */
export function axisText(value: number): string {
  if (value >= 1_000_000) return `${trim(value / 1_000_000)}M`;
  if (value >= 1_000) return `${trim(value / 1_000)}k`;
  return trim(value);
}

/** A rate: a whole number from 10 on, otherwise with one decimal. */
export function rateText(perMinute: number): string {
  return perMinute >= 10 || perMinute === 0 ? countText(Math.round(perMinute)) : trim(perMinute);
}

/** `412 B`, `12 KiB`, `1.4 MiB` */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${trim(bytes / 1_024)} KiB`;
  return `${trim(bytes / 1_048_576)} MiB`;
}

/** `1 operation`, `12 operations` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(1)));
}
