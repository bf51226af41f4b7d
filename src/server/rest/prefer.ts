import { LIMITS } from "../../core/limits.ts";

/** A caller's preference for the answer to a start. */
export interface Preference {
  /** Whether to answer before the work is done. */
  readonly respondAsync: boolean;
  /** How long to wait for the work, at most `LIMITS.waitMsMax`. Undefined if not given. */
  readonly waitMs: number | undefined;
}

/**
 * Parses the header `Prefer`: the preferences `respond-async` and `wait`. The first occurrence of a
 * name counts; other names, invalid values and invalid text are ignored, because preferences are
 * never an error.
 *
 * @param header several lines count as one, joined with commas
 * @returns undefined without either preference
 * @see RFC 7240, sections 2, 4.1 and 4.3
 */
export function preferenceOf(header: string | readonly string[] | undefined): Preference | undefined {
  if (header === undefined) return undefined;
  const text = typeof header === "string" ? header : header.join(", ");
  const values = new Map<string, string>();
  for (const each of elementsOf(text)) {
    const [, name, quoted, token = ""] = PREFERENCE.exec(each) ?? [];
    const key = name?.toLowerCase();
    if (key === undefined || values.has(key)) continue;
    values.set(key, quoted?.replaceAll(/\\(.)/gs, "$1") ?? token);
  }
  // RFC 7240, section 2: an empty value is the same as none.
  const respondAsync = values.get("respond-async") === "";
  const waitMs = waitMsOf(values.get("wait"));
  return respondAsync || waitMs !== undefined ? { respondAsync, waitMs } : undefined;
}

/** A name, an optional value, quoted or not, and parameters, which neither preference has. */
const PREFERENCE =
  /^([!#$%&'*+.^_`|~\w-]+)(?:[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]*)))?[\t ]*(?:;.*)?$/s;

/**
 * The elements of a list; commas in quotes do not end an element. An element with an unclosed quote
 * is left out.
 */
function elementsOf(text: string): readonly string[] {
  const elements: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === "," && !isQuoted) {
      elements.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  if (!isQuoted) elements.push(text.slice(from).trim());
  return elements;
}

/** @see RFC 7240, section 4.3: `delta-seconds` */
function waitMsOf(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d+$/.test(value)) return undefined;
  return Math.min(Number(value) * 1_000, LIMITS.waitMsMax);
}
