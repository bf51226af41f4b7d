import assert from "node:assert/strict";
import { test } from "node:test";
import { errorInfo, retryInfo } from "../error/details.ts";
import { LIMITS } from "../limits.ts";
import { exceptionText, keptDetails, messageText, retryInfoMs } from "./kept-failure.ts";

const info = errorInfo({ reason: "FULL", domain: "example.com" });

test("details are stored as plain JSON, and if they are too many, only the ErrorInfo", () => {
  assert.deepEqual(keptDetails([info]), { details: [info], note: undefined });
  const large = { "@type": "type.googleapis.com/x.Y", text: "x".repeat(LIMITS.detailsBytesMax) };
  const { details, note } = keptDetails([large, info]);
  assert.deepEqual(details, [info]);
  assert.match(note ?? "", /^The details were left out: /);
  assert.match(keptDetails([{} as typeof info]).note ?? "", /without @type/);
});

test("texts are cut, and lose characters that no store can keep", () => {
  assert.equal(messageText("x".repeat(9_999)).length, LIMITS.messageLengthMax);
  assert.equal(exceptionText("a\0b"), "a\uFFFDb");
  assert.equal(exceptionText("x".repeat(99_999)).length, LIMITS.failureLengthMax);
});

test("a RetryInfo delays the next attempt, by a day at most", () => {
  const of = (details: readonly (typeof info)[]) =>
    retryInfoMs({ code: "UNAVAILABLE", message: "", details });
  assert.equal(of([info]), 0);
  assert.equal(of([retryInfo({ retryDelay: "90s" })]), 90_000);
  assert.equal(of([retryInfo({ retryDelay: "9999999s" })]), LIMITS.retryInfoMsMax);
});
