import { type ErrorDetail, errorInfo } from "./details.ts";
import type { StatusError } from "./error.ts";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

/**
 * The details of an error as sent to callers: an ErrorInfo first, then the rest.
 *
 * @param domain the domain of the added ErrorInfo; an ErrorInfo in `error.details` is not changed
 */
export function errorDetails(error: StatusError, domain: string): readonly ErrorDetail[] {
  if (error.details.some((each) => each["@type"] === ERROR_INFO)) return error.details;
  const info = errorInfo({
    reason: error.reason ?? error.code,
    domain,
    ...(Object.keys(error.metadata).length > 0 ? { metadata: error.metadata } : {}),
  });
  return [info, ...error.details];
}
