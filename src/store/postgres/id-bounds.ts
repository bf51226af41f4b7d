/**
 * Bounds of lists are prefixes of ids, which PostgreSQL does not accept as a UUID. This file
 * completes them to whole ids and moves them outwards by one, because bounds are exclusive on one
 * side: an extra record is examined and discarded, but none is missed.
 */
const DIGITS = 32;
const LAST = 2n ** 128n - 1n;

/** An id before every id that is at or after the text, which is an id or a prefix of ids. */
export function lowId(text: string): string {
  if (text.length === DIGITS + 4) return text;
  const value = BigInt(`0x${digitsOf(text).padEnd(DIGITS, "0")}`);
  return idOf(value === 0n ? 0n : value - 1n);
}

/**
 * An id after every id that begins with the text without its last character, which sorts after
 * every digit.
 */
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
