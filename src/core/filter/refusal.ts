import type { StatusError } from "../error/error.ts";
import { fieldError } from "../error/violations.ts";

const FOUND_LENGTH_MAX = 60;

/**
 * What is thrown for a filter that cannot be read: where, what was expected there, and what stood there.
 *
 * @param position in UTF-16 code units from 0; told in characters from 1, as people count (AIP-210: code points)
 * @param found what stands there, quoted by the caller if it is text of the filter
 */
export function filterRefusal(
  filter: string,
  position: number,
  expected: string,
  found: string,
): StatusError {
  const character = String(Array.from(filter.slice(0, position)).length + 1);
  const description = `Invalid filter at character ${character}: expected ${expected}, found ${found}.`;
  const metadata = { position: character, expected, found };
  return fieldError("FILTER_INVALID", { field: "filter", description }, metadata);
}

/** Text of a filter as it is shown in a message: in quotes, and not the whole of it where it is long. */
export function shown(text: string): string {
  const cut = text.length > FOUND_LENGTH_MAX ? `${text.slice(0, FOUND_LENGTH_MAX)}…` : text;
  return JSON.stringify(cut.toWellFormed());
}
