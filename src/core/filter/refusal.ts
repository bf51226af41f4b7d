import type { StatusError } from "../error/error.ts";
import { fieldError } from "../error/violations.ts";

const FOUND_LENGTH_MAX = 60;

/**
 * The error for a filter that cannot be parsed: the position, the expected and the found text.
 *
 * @param position in UTF-16 code units from 0; the message counts characters from 1 (AIP-210: code
 * points)
 * @param found the text at the position, quoted by the caller if it is text of the filter
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

/** Text of a filter for a message: quoted, and shortened if it is long. */
export function shown(text: string): string {
  const cut = text.length > FOUND_LENGTH_MAX ? `${text.slice(0, FOUND_LENGTH_MAX)}…` : text;
  return JSON.stringify(cut.toWellFormed());
}
