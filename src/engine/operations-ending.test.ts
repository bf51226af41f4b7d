import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import { STRUCT } from "../core/operation/payload.ts";
import { open, request, UNKNOWN } from "./packing.suite.ts";

describe("Operations.cancel()", () => {
  it("ends a pending operation at once; repeated and late cancels change nothing", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(await operations.start(ANONYMOUS, { method: "pack", request }));
    await operations.cancel(ANONYMOUS, name);
    const cancelled = await operations.get(ANONYMOUS, name);
    assert.equal(cancelled.state, "CANCELLED");
    assert.equal(cancelled.error?.code, "CANCELLED");
    await operations.cancel(ANONYMOUS, name);
    assert.deepEqual(await operations.get(ANONYMOUS, name), cancelled);
  });

  it("does not find unknown names", async () => {
    await using test = await open();
    await assert.rejects(test.engine.operations.cancel(ANONYMOUS, UNKNOWN), {
      reason: "OPERATION_NOT_FOUND",
    });
  });
});

describe("Operations.delete()", () => {
  it("removes the record and does not cancel: the result of the running handler is dropped", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(await operations.start(ANONYMOUS, { method: "pack", request }));
    const { operations: claimed } = await test.engine.attempts.claim({
      worker: "w",
      leaseMs: 1_000,
      limit: 1,
      wanted: [{ method: "pack", limit: 1 }],
    });
    await operations.delete(ANONYMOUS, name);
    await assert.rejects(operations.get(ANONYMOUS, name), { code: "NOT_FOUND" });
    await assert.rejects(operations.delete(ANONYMOUS, name), { code: "NOT_FOUND" });
    const [running] = claimed;
    assert.ok(running);
    assert.equal(await test.engine.attempts.complete(running, { type: STRUCT, json: "{}" }), "lost");
  });
});
