import type { ErrorCode } from "./code.ts";

/** The reasons of `longrunning proxy`. They are a part of `REASONS`. */
export const UPSTREAM_REASONS = {
  UPSTREAM_UNREACHABLE: [
    "UNAVAILABLE",
    "The server behind the proxy is unreachable, or disconnected before it answered.",
  ],
  UPSTREAM_TIMED_OUT: ["DEADLINE_EXCEEDED", "The server behind the proxy has not answered in time."],
  CREDENTIALS_UNREADABLE: [
    "FAILED_PRECONDITION",
    "The request was not sent: its credentials are sealed with a key that this process does not have, or were altered.",
  ],
  UPSTREAM_ANSWER_LOST: ["ABORTED", "The answer to a request that must not be repeated was lost."],
  RESPONSE_TOO_LARGE: [
    "FAILED_PRECONDITION",
    "The answer of the server behind the proxy exceeds the size limit of stored responses.",
  ],
  IDEMPOTENCY_KEY_REUSED: [
    "INVALID_ARGUMENT",
    "The Idempotency-Key was already used with a different request.",
  ],
  TOO_MANY_PASSED_REQUESTS: [
    "UNAVAILABLE",
    "The limit of requests that the proxy forwards at a time is reached; try again.",
  ],
} as const satisfies Record<string, readonly [ErrorCode, string]>;
