/**
 * Bounds of lists are beginnings of ids, which PostgreSQL does not take for a UUID. They are made whole, and moved one
 * further out, since bounds are left out on one side: a record too many is looked at, none too few.
 */
const DIGITS = 32;
const LAST = 2n ** 128n - 1n;

/** Before every id that is not before the text: an id itself, or the beginning of ids. */
export function lowId(text: string): string {
  if (text.length === DIGITS + 4) return text;
  const value = BigInt(`0x${digitsOf(text).padEnd(DIGITS, "0")}`);
  return idOf(value === 0n ? 0n : value - 1n);
}

/** After every id that begins with the text, which ends in what sorts after every digit. */
export function highId(text: string): string {
  const value = BigInt(`0x${digitsOf(text.slice(0, -1)).padEnd(DIGITS, "f")}`);
  return idOf(value === LAST ? LAST : value + 1n);
}

function digitsOf(text: string): string {
  return text.replaceAll("-", "");
}

function idOf(value: bigint): string {
  const digits = value.toString(16).padStart(DIGITS, "0");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
