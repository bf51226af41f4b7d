import assert from "node:assert/strict";
import { test } from "node:test";
import { answerFailure, networkFailure } from "./failure.ts";
import { PostTimeout } from "./post.ts";
import { TargetRefused } from "./target.ts";

const NOW = Date.UTC(2026, 0, 1);

/** How long a `Retry-After` puts the next try off, in seconds of a RetryInfo. */
function askedFor(retryAfter: string | undefined): unknown {
  return answerFailure({ status: 429, retryAfter }, NOW).details[0]?.["retryDelay"];
}

test("a Retry-After is heeded, as seconds or a date, a day at most", () => {
  assert.equal(askedFor("120"), "120s");
  assert.equal(askedFor("Thu, 01 Jan 2026 00:01:30 GMT"), "90s");
  assert.equal(askedFor("999999999"), "86400s");
  for (const none of [undefined, "", "0", "soon", "-5", "Wed, 31 Dec 2025 00:00:00 GMT", "1e9"])
    assert.equal(askedFor(none), undefined, none);
});

test("a receiver that is gone is for good, and all else is tried again", () => {
  assert.deepEqual(
    [410, 301, 404, 500].map((status) => answerFailure({ status, retryAfter: undefined }, NOW).code),
    ["FAILED_PRECONDITION", "UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"],
  );
});

const of = (code: string): unknown => Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:22"), { code });

test("what went wrong on the way is told in words, without an address", () => {
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [new TargetRefused(), "WEBHOOK_TARGET_REFUSED", /none that events are sent to/],
    [new PostTimeout("no answer"), "WEBHOOK_UNREACHABLE", /no answer in time/],
    [of("ECONNREFUSED"), "WEBHOOK_UNREACHABLE", /connection was refused/],
    [of("ENOTFOUND"), "WEBHOOK_UNREACHABLE", /name is not known/],
    [of("DEPTH_ZERO_SELF_SIGNED_CERT"), "WEBHOOK_UNREACHABLE", /certificate is not trusted/],
    [
      of("ERR_SSL_WRONG_VERSION_NUMBER"),
      "WEBHOOK_UNREACHABLE",
      /certificate is not trusted|connection failed/,
    ],
    [of("EHOSTUNREACH"), "WEBHOOK_UNREACHABLE", /connection failed/],
    ["odd", "WEBHOOK_UNREACHABLE", /connection failed/],
  ];
  for (const [error, reason, message] of cases) {
    const failure = networkFailure(error);
    assert.deepEqual([failure.code, failure.reason], ["UNAVAILABLE", reason]);
    assert.match(failure.message, message);
    assert.doesNotMatch(failure.message, /\d+\.\d+|:22/);
  }
});
