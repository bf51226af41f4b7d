import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isId } from "../core/operation/id.ts";
import { anOperation } from "./an-operation.ts";

describe("anOperation()", () => {
  it("makes a new pending operation with the test's fields, each with a unique id", () => {
    const operation = anOperation({ method: "pack" });
    assert.equal(operation.method, "pack");
    assert.equal(operation.state, "PENDING");
    assert.ok(isId(operation.id));
    assert.notEqual(anOperation().id, operation.id);
  });
});
