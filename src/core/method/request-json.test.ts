import assert from "node:assert/strict";
import { test } from "node:test";
import { plainRequest, requestRefusal } from "./request-json.ts";

test("plainRequest() returns what a handler will see, and an empty object for nothing", () => {
  assert.deepEqual(plainRequest({ at: new Date(0), gone: undefined }), { at: "1970-01-01T00:00:00.000Z" });
  assert.deepEqual([plainRequest(undefined), plainRequest(null)], [{}, {}]);
});

test("requestRefusal() names the field", () => {
  try {
    plainRequest({ files: [{ size: Number.NaN }] });
    assert.fail("it is refused");
  } catch (error) {
    const refusal = requestRefusal("m", error);
    assert.deepEqual([refusal.code, refusal.reason], ["INVALID_ARGUMENT", "REQUEST_INVALID"]);
    assert.equal(refusal.message, "Invalid request for m: files[0].size: JSON has no NaN.");
    assert.deepEqual(refusal.details[0]?.["fieldViolations"], [
      { field: "files[0].size", description: "JSON has no NaN" },
    ]);
  }
});
