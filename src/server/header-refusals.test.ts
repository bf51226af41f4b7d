import assert from "node:assert/strict";
import { test } from "node:test";
import { headersTooLarge, tooManyHeaders } from "./header-refusals.ts";

test("refusals of headers say what is allowed", () => {
  assert.equal(headersTooLarge().message, "The address and headers are too large: 32768 bytes at most.");
  assert.equal(tooManyHeaders(300).message, "Too many headers: expected at most 256, got 300.");
  for (const refusal of [headersTooLarge(), tooManyHeaders(300)])
    assert.equal(refusal.reason, "HEADERS_TOO_LARGE");
});
