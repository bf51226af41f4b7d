import { CODES } from "../core/error/code.ts";
import type { ErrorDetail } from "../core/error/details.ts";
import type { Failure } from "../core/operation/operation.ts";
import { encodeJson } from "../core/operation/payload.ts";
import { detailsOfCall, type KnowsDetail, readableDetails } from "./details.ts";

/**
 * An operation's failure as the JSON of a `google.rpc.Status`. `code` is the number of the
 * canonical code and there is no `status` string, which belongs to error bodies.
 *
 * @param knows types of details that callers know; the standard ones by default
 * @see contract section 1.4
 */
export function statusJson(failure: Failure, knows?: (type: string) => boolean): string {
  return joined(failure, readableDetails(failure.details, knows));
}

/** The error of one of several calls, as the JSON of a `google.rpc.Status`. */
export function callStatusJson(failure: Failure, knows?: KnowsDetail): string {
  return joined(failure, detailsOfCall(failure.details, knows));
}

function joined({ code, message }: Failure, details: readonly ErrorDetail[]): string {
  const shown = details.length === 0 ? "" : `,"details":${encodeJson(details)}`;
  return `{"code":${CODES[code]},"message":${encodeJson(message)}${shown}}`;
}
