import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { isDone, STATES } from "./operation.ts";
import { transition } from "./transition.ts";

describe("isDone()", () => {
  it("is true from the moment the operation ends", () => {
    const pending = anOperation();
    assert.equal(isDone(pending), false);
    const { next } = transition(pending, { type: "cancel", now: pending.createTime });
    assert.equal(next !== undefined && isDone(next), true);
  });
});

describe("STATES", () => {
  it("are for ever", () =>
    assert.deepEqual(STATES, ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]));
});
