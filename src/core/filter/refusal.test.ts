import assert from "node:assert/strict";
import { test } from "node:test";
import { filterRefusal, shown } from "./refusal.ts";

test("a refusal counts characters from 1, not code units, and has both words and fields for programs", () => {
  const error = filterRefusal("😀 =", 3, "a field", shown("="));
  assert.equal(error.message, 'Invalid filter at character 3: expected a field, found "=".');
  assert.equal(error.code, "INVALID_ARGUMENT");
  assert.deepEqual(error.metadata, { position: "3", expected: "a field", found: '"="' });
  assert.equal(error.details[0]?.["@type"], "type.googleapis.com/google.rpc.BadRequest");
});

test("the quoted text is cut, and never breaks a message", () => {
  assert.equal(shown("x".repeat(1_000)).length, 63);
  assert.ok(shown(`${"x".repeat(59)}😀`).isWellFormed());
});
