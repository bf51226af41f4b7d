import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EMPTY, STRUCT } from "../core/operation/payload.ts";
import { anOperation } from "../testing/an-operation.ts";
import { typedOperation } from "./typed-operation.ts";

describe("typedOperation()", () => {
  it("decodes payloads and times", () => {
    const endTime = Date.UTC(2026, 1, 1);
    const operation = anOperation({
      parent: "projects/p",
      state: "SUCCEEDED",
      metadata: { type: STRUCT, json: '{"progressPercent":100}' },
      response: { type: STRUCT, json: '{"path":"p"}' },
      endTime,
    });
    const typed = typedOperation(operation);
    assert.equal(typed.name, `projects/p/operations/${operation.id}`);
    assert.equal(typed.done, true);
    assert.deepEqual(typed.metadata, { progressPercent: 100 });
    assert.deepEqual(typed.response, { path: "p" });
    assert.deepEqual(typed.endTime, new Date(endTime));
  });

  it("returns null for missing values and for Empty, and no name for an answer that is not stored", () => {
    const typed = typedOperation(anOperation({ id: "", response: EMPTY }));
    assert.equal(typed.name, "");
    assert.equal(typed.response, null);
    assert.equal(typed.metadata, null);
    assert.equal(typed.endTime, null);
  });
});
