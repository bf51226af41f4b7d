/**
 * Ids as four words of 32 bits, for memory that threads share. Ids are UUIDs in lower case; for any other text the words mean
 * nothing.
 */

/** How many words an id takes. */
export const ID_WORDS = 4;

/** Where the digits of each word stand in the text, two times four of them: dashes are in between. */
const DIGITS = [
  [0, 4],
  [9, 14],
  [19, 24],
  [28, 32],
] as const;

/** Writes the words of an id from `at` on. */
export function writeId(words: Int32Array, at: number, id: string): void {
  for (let index = 0; index < ID_WORDS; index++) {
    const [high, low] = DIGITS[index] ?? [0, 0];
    words[at + index] = (fourDigits(id, high) << 16) | fourDigits(id, low);
  }
}

/** Reads the id whose words begin at `at`. */
export function readId(words: Int32Array, at: number): string {
  let digits = "";
  for (let index = 0; index < ID_WORDS; index++) {
    digits += ((words[at + index] ?? 0) >>> 0).toString(16).padStart(8, "0");
  }
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20]].map((part) => digits.slice(...part)).join("-");
}

function fourDigits(text: string, from: number): number {
  let value = 0;
  for (let index = from; index < from + 4; index++) value = (value << 4) | digit(text.charCodeAt(index));
  return value;
}

/** Of `0` to `9` and `a` to `f`: the last four bits of their codes count on from 0 and from 1. */
function digit(code: number): number {
  return (code & 15) + (code >> 6) * 9;
}
