import { CODES } from "../core/code.ts";
import type { Failure } from "../core/operation.ts";
import { encodeJson } from "../core/payload.ts";

/**
 * An operation's failure as the JSON of a `google.rpc.Status`. `code` is the number of the canonical code and there is no
 * `status` string: that belongs to error bodies.
 *
 * @see contract section 1.4
 */
export function statusJson(failure: Failure): string {
  const details = failure.details.length === 0 ? "" : `,"details":${encodeJson(failure.details)}`;
  return `{"code":${CODES[failure.code]},"message":${encodeJson(failure.message)}${details}}`;
}
