import assert from "node:assert/strict";
import { test } from "node:test";
import { answerFailure, networkFailure } from "./failure.ts";
import { TargetRefused } from "./target.ts";

const NOW = Date.UTC(2026, 0, 1);

/** The delay that a `Retry-After` causes, in the form of RetryInfo. */
function askedFor(retryAfter: string | undefined): unknown {
  return answerFailure({ status: 429, retryAfter }, NOW).details[0]?.["retryDelay"];
}

test("a Retry-After is respected, as seconds or a date, up to a day", () => {
  assert.equal(askedFor("120"), "120s");
  assert.equal(askedFor("Thu, 01 Jan 2026 00:01:30 GMT"), "90s");
  assert.equal(askedFor("999999999"), "86400s");
  assert.equal(askedFor("0"), undefined);
});

test("a receiver that is gone fails for good, and everything else is retried", () => {
  assert.deepEqual(
    [410, 301, 404, 500].map((status) => answerFailure({ status, retryAfter: undefined }, NOW).code),
    ["FAILED_PRECONDITION", "UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"],
  );
});

test("network errors are described in words", () => {
  const refused = networkFailure(new TargetRefused());
  assert.deepEqual([refused.code, refused.reason], ["UNAVAILABLE", "WEBHOOK_TARGET_REFUSED"]);
  const lost = networkFailure(Object.assign(new Error("10.1.2.3:22"), { code: "ECONNREFUSED" }));
  assert.deepEqual([lost.code, lost.reason], ["UNAVAILABLE", "WEBHOOK_UNREACHABLE"]);
  assert.equal(lost.message, "The receiver cannot be reached: the connection was refused.");
});
