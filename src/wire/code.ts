import type { CodeName } from "../core/error/code.ts";
import type { StatusError } from "../core/error/error.ts";

/**
 * HTTP status numbers that the server sets, except those of errors. This is the only file with such
 * numbers.
 */
export const HTTP_OK = 200;
/** The work has begun, but is not done. */
export const HTTP_ACCEPTED = 202;
/** An answer without a body, such as to OPTIONS. */
export const HTTP_NO_CONTENT = 204;
const HTTP_RESET_CONTENT = 205;
/** The resource is temporarily at another address. */
export const HTTP_FOUND = 302;
/** The resource is not available in its current state: the operation was cancelled. */
export const HTTP_CONFLICT = 409;
/** An upstream server failed, other than by a timeout. */
export const HTTP_BAD_GATEWAY = 502;
export const HTTP_GATEWAY_TIMEOUT = 504;
/** The resource does not exist, outside of the APIs. */
export const HTTP_NOT_FOUND = 404;
/** The caller's copy is still current (`If-None-Match`). */
export const HTTP_GONE = 410;
export const HTTP_NOT_MODIFIED = 304;
/** The caller exceeds a limit. May have `Retry-After`. */
export const HTTP_TOO_MANY_REQUESTS = 429;
/** The service cannot answer now. May have `Retry-After`. */
export const HTTP_UNAVAILABLE = 503;

/** @see google/rpc/code.proto; contract section 1.4 */
const HTTP_STATUS: Readonly<Record<CodeName, number>> = {
  OK: HTTP_OK,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: HTTP_TOO_MANY_REQUESTS,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: HTTP_UNAVAILABLE,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** Reasons for which HTTP has a more precise status than the code's. */
const HTTP_STATUS_OF_REASON: ReadonlyMap<string | undefined, number> = new Map([
  ["METHOD_NOT_ALLOWED", 405],
  ["REQUEST_TIMED_OUT", 408],
  ["BODY_TOO_LARGE", 413],
  ["CONTENT_TYPE_UNSUPPORTED", 415],
  ["IDEMPOTENCY_KEY_REUSED", 422],
  ["HEADERS_TOO_LARGE", 431],
  ["UPSTREAM_UNREACHABLE", HTTP_BAD_GATEWAY],
  ["CREDENTIALS_UNREADABLE", HTTP_BAD_GATEWAY],
  ["UPSTREAM_ANSWER_LOST", HTTP_BAD_GATEWAY],
  ["RESPONSE_TOO_LARGE", HTTP_BAD_GATEWAY],
]);

/** The inverse mapping, for clients. @see contract section 3.6 */
const CODE_OF_STATUS: ReadonlyMap<number, CodeName> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "ABORTED"],
  [416, "OUT_OF_RANGE"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [501, "UNIMPLEMENTED"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

/** Whether a success has no body. */
export function isEmptyStatus(status: number): boolean {
  return status === HTTP_NO_CONTENT || status === HTTP_RESET_CONTENT;
}

/** Whether a status is a redirect. */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/**
 * Whether a retry of the same request may have another result. An unknown status is treated like
 * x00 of its class (RFC 9110, section 15).
 */
export function isWorthRetrying(status: number): boolean {
  return RETRIED_STATUSES.has(status) || (status >= 500 && status < 600 && !FINAL_STATUSES.has(status));
}

/** Request Timeout, Too Early, Too Many Requests. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 425, HTTP_TOO_MANY_REQUESTS]);
/** Not Implemented, HTTP Version Not Supported. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([501, 505]);

/** The HTTP status of a canonical code. */
export function httpStatusOf(code: CodeName): number {
  return HTTP_STATUS[code];
}

/**
 * The HTTP status of an error in the service's answers, for your own routes in any framework. The
 * code determines the status, except for a few reasons with a status of their own.
 *
 * @see google/rpc/code.proto, "HTTP Mapping"
 */
export function httpStatusOfError(error: StatusError): number {
  return HTTP_STATUS_OF_REASON.get(error.reason) ?? HTTP_STATUS[error.code];
}

/**
 * The canonical code of an HTTP status. 409 maps to ABORTED; `error.status` of the body is more
 * precise.
 */
export function codeOfHttpStatus(status: number): CodeName {
  const exact = CODE_OF_STATUS.get(status);
  if (exact !== undefined) return exact;
  if (status >= 200 && status < 300) return "OK";
  if (status >= 400 && status < 500) return "FAILED_PRECONDITION";
  return status >= 500 && status < 600 ? "INTERNAL" : "UNKNOWN";
}
