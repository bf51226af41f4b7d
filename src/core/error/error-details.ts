import { type ErrorDetail, errorInfo } from "./details.ts";
import type { StatusError } from "./error.ts";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

/**
 * The details of an error as they go on the wire: an ErrorInfo first, in every error, then the rest.
 *
 * @param domain of the ErrorInfo that is made here; one that the error brings along is left as it is
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
