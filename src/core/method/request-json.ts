import type { StatusError } from "../error/error.ts";
import { Violations } from "../error/violations.ts";
import { JsonError, writeJson } from "../value/json.ts";
import { LIMITS } from "../limits.ts";

/**
 * A request as plain JSON, the form that is stored and passed to its handler; `{}` for none, like
 * an empty body.
 *
 * @throws {JsonError} with the place of a value that JSON cannot express
 */
export function plainRequest(value: unknown): unknown {
  return JSON.parse(writeJson(value ?? {}, { bytesMax: LIMITS.requestBytesMax }));
}

/** The error for a request that has no JSON form. */
export function requestRefusal(method: string, cause: unknown): StatusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const isPlaced = cause instanceof JsonError && cause.path !== "";
  const violations = new Violations();
  if (isPlaced) violations.add(cause.rule, cause.path);
  else violations.add(why);
  const message = `Invalid request for ${method}: ${why}.`;
  return violations.error("REQUEST_INVALID", { message, metadata: { method }, cause });
}
