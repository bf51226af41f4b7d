import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeClaims, decodeOutcomes, decodeRenewals } from "./worker-answers.ts";

test("members of the wrong type count as missing, and unknown ones are ignored", () => {
  const attempt = { name: "operations/x", attempt: 1, token: "t" };
  const claim = {
    attempt,
    lease: "5s",
    target: 7,
    deadlineTime: "soon",
    priority: "high",
    traceContext: [],
    more: 1,
  };
  const { claims, serverTime } = decodeClaims({ claims: [claim], serverTime: 4 });
  assert.equal(serverTime, null);
  const { target, deadlineTime, priority, traceparent } = claims[0] ?? assert.fail();
  assert.deepEqual([target, deadlineTime, priority, traceparent], ["", null, 0, ""]);
});

for (const json of [null, 7, { claims: {} }, { claims: [null] }, { claims: [{ lease: "5s" }] }])
  test(`${JSON.stringify(json)} is not an answer to a claim, unless it has no claims`, () => {
    if (json === null || json === 7) assert.deepEqual(decodeClaims(json).claims, []);
    else assert.throws(() => decodeClaims(json), { code: "UNKNOWN", reason: "ANSWER_INVALID" });
  });

for (const json of [null, {}, { answers: 1 }, { answers: [null] }])
  test(`${JSON.stringify(json)} is not an answer about attempts`, () => {
    assert.throws(() => decodeRenewals(json), { code: "UNKNOWN", reason: "ANSWER_INVALID" });
    assert.throws(() => decodeOutcomes(json), { code: "UNKNOWN", reason: "ANSWER_INVALID" });
  });
