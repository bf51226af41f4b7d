import { serviceError, StatusError } from "../core/error/error.ts";
import { pathText } from "../core/value/json.ts";
import { LIMITS } from "../core/limits.ts";
import { isOverflow, lostNumber, parseJson } from "../core/value/number-source.ts";
import { type JsonObject, jsonExtent } from "../core/operation/payload.ts";

/**
 * Parses the JSON text of a caller, which must be an object; an empty text counts as `{}`.
 *
 * A key `__proto__` is dropped: no message has such a field, and copying the object with
 * `Object.assign` would set a prototype.
 *
 * @throws {StatusError} INVALID_ARGUMENT BODY_INVALID
 */
export function jsonObjectOf(text: string): JsonObject {
  if (text.trim() === "") return {};
  // Before parsing, because the parser is recursive.
  const { depth, values } = jsonExtent(text);
  if (depth > LIMITS.jsonDepthMax) throw invalidJson(`nested more than ${LIMITS.jsonDepthMax} levels deep`);
  if (values > LIMITS.jsonValuesMax)
    throw invalidJson(`expected at most ${LIMITS.jsonValuesMax} values, got ${values}`);
  const value = parse(text);
  // In proto-JSON null stands for an absent message, and google-gax sends an empty text for an
  // omitted one.
  if (value === null || value === "") return {};
  if (typeof value !== "object" || Array.isArray(value)) throw invalidJson("expected an object");
  return value as JsonObject;
}

/** The name itself or with escapes. */
const MAY_HAVE_PROTO = /__proto__|\\u00(?:5f|70|72|6f|74)/i;

function parse(text: string): unknown {
  try {
    const value = parseJson(text, MAY_HAVE_PROTO.test(text) ? (name) => name === "__proto__" : undefined);
    const lost = lostNumber(value, [], isOverflow);
    if (lost === undefined) return value;
    throw invalidJson(`${pathText(lost.path)}: the number ${lost.source.slice(0, 100)} is too large`);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw invalidJson(error instanceof SyntaxError ? error.message : "it is not JSON");
  }
}

/** The error for an invalid body. */
export function invalidJson(rule: string): Error {
  return serviceError("BODY_INVALID", `Invalid JSON payload received: ${rule}.`);
}
