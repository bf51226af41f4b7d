import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { isDone, type Operation, scheduleTimeOf, STATES } from "./operation.ts";
import { transition } from "./transition.ts";

describe("isDone()", () => {
  it("is true once the operation has ended", () => {
    const pending = anOperation();
    assert.equal(isDone(pending), false);
    const { next } = transition(pending, { type: "cancel", now: pending.createTime });
    assert.equal(next !== undefined && isDone(next), true);
  });
});

describe("scheduleTimeOf()", () => {
  it("is set for a delay until the first attempt is over", () => {
    const { createTime } = anOperation();
    const at = createTime + 60_000;
    const timeOf = (fields: Partial<Operation>): number | null =>
      scheduleTimeOf(anOperation({ availableTime: at, ...fields }));
    assert.equal(timeOf({}), at);
    assert.equal(timeOf({ availableTime: createTime }), null, "no delay");
    assert.equal(timeOf({ availableTime: createTime + 1 }), createTime + 1);
    assert.equal(timeOf({ attempt: 1, state: "RUNNING" }), at);
    assert.equal(timeOf({ attempt: 1, state: "SUCCEEDED" }), at);
    assert.equal(timeOf({ attempt: 1, state: "PENDING" }), null, "put off");
    assert.equal(timeOf({ attempt: 2, state: "RUNNING" }), null, "put off");
    assert.equal(timeOf({ state: "CANCELLED" }), at, "before it began");
  });
});

describe("STATES", () => {
  it("never change", () =>
    assert.deepEqual(STATES, ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]));
});
