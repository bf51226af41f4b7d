import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { invariant } from "./invariant.ts";

describe("invariant()", () => {
  it("throws where only a bug can lead, and lets pass what is true", () => {
    invariant(1, "fine");
    assert.throws(() => invariant(null, "a record has an id"), {
      name: "InvariantError",
      message: "a record has an id",
    });
  });
});
