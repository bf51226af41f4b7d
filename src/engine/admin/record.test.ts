import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { retryPolicy } from "../../core/method/retry.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { againIdOf, againRequestId, retriedText } from "./record.ts";

describe("againIdOf()", () => {
  it("finds the id in a request id of a repeated start, and in no other", () => {
    const { id } = anOperation();
    assert.equal(againIdOf({ requestId: againRequestId(id, "r1") }), id);
    assert.equal(againIdOf({ requestId: `again/${id}/` }), undefined);
    assert.equal(againIdOf({ requestId: `again/${"0".repeat(36)}/x` }), undefined);
    assert.equal(againIdOf({ requestId: `x/again/${id}/x` }), undefined);
    assert.equal(againIdOf({ requestId: null }), undefined);
  });
});

describe("retriedText()", () => {
  const error = { code: "NOT_FOUND", message: "No.", details: [] } as const;
  const failed = anOperation({ state: "FAILED", error, attempt: 1, endTime: 2_000 });

  it("says why a failed operation was not retried", () => {
    const often = { ...failed, failedAttempts: 3, attemptsMax: 3 };
    assert.equal(retriedText(often, undefined), "It was tried 3 times, as often as its method allows.");
    const policy = { retry: retryPolicy({ codes: ["UNAVAILABLE", "ABORTED"] }), isRemote: false };
    const refused = { ...failed, failedAttempts: 1, attemptsMax: 3 };
    const sentence = "It was not tried again: NOT_FOUND is not among the codes that its method retries";
    assert.equal(retriedText(refused, policy), `${sentence} (those are UNAVAILABLE, ABORTED).`);
    assert.equal(retriedText(refused, undefined), `${sentence}.`);
    const final = "It was not tried again: its worker reported the error as final.";
    assert.equal(retriedText(refused, { ...policy, isRemote: true }), final);
    assert.equal(retriedText({ ...refused, error: { ...error, code: "ABORTED" } }, policy), final);
    const late = { ...refused, deadlineTime: 2_000 };
    assert.equal(retriedText(late, policy), "It was not tried again: its deadline had passed.");
  });

  it("says how many attempts of a running or succeeded operation failed, and nothing if none did", () => {
    assert.equal(retriedText(anOperation(), undefined), "");
    const waiting = anOperation({ failedAttempts: 1, attemptsMax: 3, state: "PENDING" });
    assert.equal(
      retriedText(waiting, undefined),
      "1 of 3 attempts failed; it is tried again until all of them have.",
    );
    const mended = anOperation({ failedAttempts: 1, attemptsMax: 3, state: "SUCCEEDED", endTime: 5 });
    assert.equal(retriedText(mended, undefined), "1 of 3 attempts failed.");
    assert.equal(retriedText({ ...mended, state: "CANCELLED" }, undefined), "");
  });
});
