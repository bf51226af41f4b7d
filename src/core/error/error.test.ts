import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { REASONS, serviceError } from "./error.ts";

describe("REASONS", () => {
  it("have the form of AIP-193", () => {
    for (const reason of Object.keys(REASONS)) assert.match(reason, /^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$/);
  });
});

describe("serviceError()", () => {
  it("takes the code from the table", () => {
    const error = serviceError("OPERATION_NOT_FOUND", "No.");
    assert.equal(error.code, "NOT_FOUND");
    assert.equal(error.reason, "OPERATION_NOT_FOUND");
  });
});
