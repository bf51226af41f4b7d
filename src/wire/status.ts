import { CODES } from "../core/code.ts";
import type { Failure } from "../core/operation.ts";
import { encodeJson } from "../core/payload.ts";
import { readableDetails } from "./details.ts";

/**
 * An operation's failure as the JSON of a `google.rpc.Status`. `code` is the number of the canonical code and there is no
 * `status` string: that belongs to error bodies.
 *
 * @param knows types of details that callers know; the standard ones by default
 * @see contract section 1.4
 */
export function statusJson(failure: Failure, knows?: (type: string) => boolean): string {
  const readable = readableDetails(failure.details, knows);
  const details = readable.length === 0 ? "" : `,"details":${encodeJson(readable)}`;
  return `{"code":${CODES[failure.code]},"message":${encodeJson(failure.message)}${details}}`;
}
