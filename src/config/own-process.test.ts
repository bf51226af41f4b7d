import assert from "node:assert/strict";
import { hostname } from "node:os";
import { pid } from "node:process";
import { test } from "node:test";
import { ownProcess } from "./own-process.ts";

test("a process knows its host and its number", () => {
  assert.deepEqual(ownProcess(), { host: hostname(), pid });
});
