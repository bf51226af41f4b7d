import type { IncomingMessage, ServerResponse } from "node:http";
import { DOMAIN_DEFAULT, serviceError, type StatusError } from "../core/error/error.ts";
import { HTTP_GONE, httpStatusOfError } from "../wire/code.ts";
import { errorBody } from "../wire/error-body.ts";

/**
 * The error for callers after a network error of a request to the upstream. The network's own
 * message is only for the log.
 */
export function unreachable(cause: unknown): StatusError {
  return serviceError(
    "UPSTREAM_UNREACHABLE",
    "The server behind this proxy cannot be reached, or hung up before it answered. Try again.",
    { cause },
  );
}

/** The error if the upstream has not answered in time. */
export function timedOut(patienceMs: number): StatusError {
  const seconds = Math.round(patienceMs / 1_000);
  return serviceError(
    "UPSTREAM_TIMED_OUT",
    `The server behind this proxy has not answered within ${seconds} seconds. It may have carried the request out.`,
    { metadata: { seconds: String(seconds) } },
  );
}

/**
 * Answers with an error in the usual form; closes the connection if the request was not read
 * completely.
 */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  error: StatusError,
  domain = DOMAIN_DEFAULT,
): void {
  if (response.headersSent) return void response.destroy();
  const status = error.reason === "OPERATION_EXPIRED" ? HTTP_GONE : httpStatusOfError(error);
  const body = bodyOf(error, status, domain);
  response.writeHead(status, {
    "content-type": "application/json; charset=UTF-8",
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
    "content-length": Buffer.byteLength(body),
    ...(error.code === "UNAVAILABLE" || error.code === "RESOURCE_EXHAUSTED" ? { "retry-after": "1" } : {}),
    ...(error.metadata["allow"] === undefined ? {} : { allow: error.metadata["allow"] }),
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(body);
}

/** The body of an error, with the status of the answer. */
export function bodyOf(error: StatusError, status: number, domain: string): string {
  const body = errorBody(error, { format: 2, domain });
  // The code is the first member.
  return body.replace(/"code": \d+/, `"code": ${status}`);
}
