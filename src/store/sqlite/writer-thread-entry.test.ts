import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../../core/invariant.ts";

// writer-thread.test.ts and the store's suite on disk test the thread itself.
test("the writer's thread module cannot be used outside of a thread", async () => {
  await assert.rejects(import("./writer-thread-entry.ts"), InvariantError);
});
