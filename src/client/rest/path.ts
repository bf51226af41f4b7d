import { serviceError, type StatusError } from "../../core/error/error.ts";
import { parseName } from "../../core/operation/name.ts";

/**
 * A resource name as a path: slashes stay, all other special characters are escaped (contract
 * section 3.1).
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID for a segment that URLs resolve away
 */
export function encodePath(name: string): string {
  const segments = name.toWellFormed().split("/");
  if (segments.includes(".") || segments.includes("..")) throw invalidName(name);
  return segments.map(encodeURIComponent).join("/");
}

/**
 * An operation's name as people paste it: a leading slash, `v1/` or a complete address before it is
 * removed.
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID if no name is left, before anything is sent
 */
export function canonicalName(text: string): string {
  const name = text
    .replace(/^(?:https?|grpcs?):\/\/[^/]+/i, "")
    .replace(/^\/+/, "")
    .replace(/^v1\//, "");
  if (parseName(name) === undefined) throw invalidName(text);
  return name;
}

function invalidName(text: string): StatusError {
  const shown = text.slice(0, 200);
  return serviceError(
    "NAME_INVALID",
    `Invalid name ${JSON.stringify(shown)}: expected one such as "operations/0199…" or "projects/p/operations/0199…".`,
    { metadata: { name: shown } },
  );
}
