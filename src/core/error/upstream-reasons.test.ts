import assert from "node:assert/strict";
import { test } from "node:test";
import { httpStatusOfError } from "../../wire/code.ts";
import { type Reason, serviceError } from "./error.ts";
import { UPSTREAM_REASONS } from "./upstream-reasons.ts";

test("failures of another server have the statuses of proxies (RFC 9110, sections 15.6.3 and 15.6.5)", () => {
  const statuses = Object.keys(UPSTREAM_REASONS).map((reason) => [
    reason,
    httpStatusOfError(serviceError(reason as Reason, "no")),
  ]);
  assert.deepEqual(Object.fromEntries(statuses), {
    UPSTREAM_UNREACHABLE: 502,
    UPSTREAM_TIMED_OUT: 504,
    CREDENTIALS_UNREADABLE: 502,
    UPSTREAM_ANSWER_LOST: 502,
    RESPONSE_TOO_LARGE: 502,
    IDEMPOTENCY_KEY_REUSED: 422,
    TOO_MANY_PASSED_REQUESTS: 503,
  });
});
