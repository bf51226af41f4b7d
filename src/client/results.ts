import { StatusError } from "../core/error/error.ts";
import { isObject } from "./any.ts";
import { toldError } from "./error.ts";
import { decodeFailure, decodeOperation, type StartedResult } from "./operation.ts";

/**
 * Reads the results of many starts from their JSON.
 *
 * @param count the expected number of results
 * @throws {StatusError} UNKNOWN if the JSON is invalid, or has another number of results
 */
export function decodeResults(json: unknown, count: number): readonly StartedResult[] {
  const results: unknown = isObject(json) ? json["results"] : undefined;
  if (!Array.isArray(results) || results.length !== count) {
    const got = Array.isArray(results) ? `${results.length} of them` : "none";
    throw new StatusError(
      "UNKNOWN",
      `The answer does not hold the results of ${count} starts: it has ${got}. Check that the address is the service's.`,
      { reason: "ANSWER_INVALID" },
    );
  }
  return results.map((result: unknown) => {
    const failure = isObject(result) ? decodeFailure(result["error"]) : null;
    if (failure !== null) return { error: toldError(failure.code, failure.message, failure.details) };
    return { operation: decodeOperation(isObject(result) ? result["operation"] : undefined) };
  });
}
