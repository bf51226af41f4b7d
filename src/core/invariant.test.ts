import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { invariant } from "./invariant.ts";

describe("invariant()", () => {
  it("throws for conditions that only a bug can break, and accepts true ones", () => {
    invariant(1, "fine");
    assert.throws(() => invariant(null, "a record has an id"), {
      name: "InvariantError",
      message: "a record has an id",
    });
  });
});
