import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { inMicroseconds, loggedCaller, loggedPath } from "./access-fields.ts";

test("the log's fields of a request are bounded", () => {
  assert.equal(loggedPath("/v1/operations"), "/v1/operations");
  assert.equal(loggedPath(`/${"x".repeat(30_000)}`).length, LIMITS.loggedPathLengthMax);
  assert.deepEqual(loggedCaller(undefined), {});
  assert.deepEqual(loggedCaller(ANONYMOUS), { principal: "anonymous" });
  const caller = { ...ANONYMOUS, principal: "x".repeat(10_000), traceparent: "00-1" };
  assert.deepEqual(loggedCaller(caller), {
    principal: "x".repeat(LIMITS.callerLengthMax),
    traceparent: "00-1",
  });
  assert.equal(inMicroseconds(1.23456789), 1.235);
});
