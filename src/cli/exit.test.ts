import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError, EXIT, EXIT_MEANINGS, errorForLog } from "./exit.ts";

test("every exit code is unique, and has a meaning", () => {
  assert.equal(new Set(Object.values(EXIT)).size, Object.keys(EXIT).length);
  assert.deepEqual(Object.keys(EXIT_MEANINGS), Object.keys(EXIT));
});

test("errorForLog() shows only the message of a mistake, and keeps other errors", () => {
  assert.equal(errorForLog(new TypeError("The file is empty.")), "The file is empty.");
  assert.equal(errorForLog(new CommandError("usage", "No file.", "Give one.")), "No file. Give one.");
  assert.equal(errorForLog(new CommandError("usage", "No file.")), "No file.");
  const bug = new Error("bug");
  assert.equal(errorForLog(bug), bug);
});
