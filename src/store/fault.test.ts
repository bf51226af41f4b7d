import assert from "node:assert/strict";
import { test } from "node:test";
import { shuttingDown, storeUnavailable } from "./fault.ts";

test("what callers are told of a store is UNAVAILABLE, and why stays with us", () => {
  const cause = new Error("disk full");
  const { code, reason, message, cause: kept } = storeUnavailable(cause);
  assert.deepEqual([code, reason, kept], ["UNAVAILABLE", "STORE_UNAVAILABLE", cause]);
  assert.doesNotMatch(message, /disk/);
  assert.deepEqual([shuttingDown().code, shuttingDown().reason], ["UNAVAILABLE", "SHUTTING_DOWN"]);
});
