/**
 * The violated rule of an identifying text, such as a request id. Two texts that look the same
 * would be different ids, and databases cannot store every character.
 *
 * @returns the rule as a clause; undefined for a valid text
 */
export function identifierViolation(text: string): string | undefined {
  if (!text.isWellFormed()) return "it has half of a surrogate pair, which is no character";
  const control = CONTROL.exec(text)?.[0];
  return control === undefined ? undefined : `it has the control character ${codePoint(control)}`;
}

/** U+0000 to U+001F and U+007F to U+009F. */
const CONTROL = /\p{Cc}/u;

/**
 * Whether every store keeps a text unchanged: PostgreSQL has no U+0000, and UTF-8 has no half of a
 * surrogate pair.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** A text for people, with U+FFFD in place of characters that stores cannot keep. */
export function storable(text: string): string {
  return isStorable(text) ? text : text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** The first line of a text, cut to `lengthMax` characters with a final `…`. */
export function firstLine(text: string, lengthMax: number): string {
  const line = text.trimStart().split("\n", 1)[0]?.trimEnd() ?? "";
  return (line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 2)} …`).toWellFormed();
}

/** The number of a character, such as U+202E, because many are invisible. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Whether a text has more bytes in UTF-8 than the limit. Half of a surrogate pair counts as two.
 */
export function hasMoreBytes(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax || text.length * 3 <= bytesMax) return text.length > bytesMax;
  // Examining each unit of a megabyte takes some ten milliseconds. Here half of a surrogate pair
  // counts as three.
  if (text.length > LONG_LENGTH) {
    if (new TextEncoder().encode(text).length <= bytesMax) return false;
    if (text.isWellFormed()) return true;
  }
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes > bytesMax;
}

/** From this many characters, measuring a copy is faster. */
const LONG_LENGTH = 16_384;
