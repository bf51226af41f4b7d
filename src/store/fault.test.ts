import assert from "node:assert/strict";
import { test } from "node:test";
import { cannotOpen, shuttingDown, storeUnavailable } from "./fault.ts";

test("callers get UNAVAILABLE for a fault of the store, without the reason", () => {
  const cause = new Error("disk full");
  const { code, reason, message, cause: kept } = storeUnavailable(cause);
  assert.deepEqual([code, reason, kept], ["UNAVAILABLE", "STORE_UNAVAILABLE", cause]);
  assert.doesNotMatch(message, /disk/);
  assert.deepEqual([shuttingDown().code, shuttingDown().reason], ["UNAVAILABLE", "SHUTTING_DOWN"]);
});

test("an operator gets the fault of a store, the remedy, and whether to retry", () => {
  const cause = new Error("EACCES");
  const fault = { store: "/o.db", problem: "the user may not write it", remedy: "Grant it", cause };
  const error = cannotOpen({ ...fault, mayPass: false });
  assert.equal(error.message, 'Cannot open "/o.db": the user may not write it. Grant it.');
  assert.deepEqual([error.code, error.reason, error.cause], ["FAILED_PRECONDITION", undefined, cause]);
  assert.equal(error.metadata["remedy"], "Grant it");
  assert.equal(cannotOpen({ ...fault, mayPass: true }).reason, "STORE_UNAVAILABLE");
});
