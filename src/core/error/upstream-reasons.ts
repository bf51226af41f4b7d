import type { ErrorCode } from "./code.ts";

/** The reasons of `longrunning proxy`. They are a part of `REASONS`. */
export const UPSTREAM_REASONS = {
  UPSTREAM_UNREACHABLE: [
    "UNAVAILABLE",
    "The server behind the proxy cannot be reached, or hung up before it answered.",
  ],
  UPSTREAM_TIMED_OUT: ["DEADLINE_EXCEEDED", "The server behind the proxy has not answered in time."],
  UPSTREAM_ANSWER_LOST: ["ABORTED", "A request that must not be repeated was sent, and its answer was lost."],
  RESPONSE_TOO_LARGE: [
    "FAILED_PRECONDITION",
    "The answer of the server behind the proxy is larger than is kept.",
  ],
  IDEMPOTENCY_KEY_REUSED: ["INVALID_ARGUMENT", "The Idempotency-Key was used before, with another request."],
  TOO_MANY_PASSED_REQUESTS: [
    "UNAVAILABLE",
    "The proxy passes as many requests through as it may; try again.",
  ],
} as const satisfies Record<string, readonly [ErrorCode, string]>;
