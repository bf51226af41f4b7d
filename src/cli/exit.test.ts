import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT, EXIT_MEANINGS } from "./exit.ts";

test("every exit code is unique, and has a meaning", () => {
  assert.equal(new Set(Object.values(EXIT)).size, Object.keys(EXIT).length);
  assert.deepEqual(Object.keys(EXIT_MEANINGS), Object.keys(EXIT));
});
