import assert from "node:assert/strict";
import { test } from "node:test";
import { callerOf } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ClaimEntry } from "../../core/ports/worker-calls.ts";
import { claimedOperation } from "./claimed-operation.ts";

const entry: ClaimEntry = {
  attempt: { name: "projects/p/operations/x", attempt: 2, token: "t" },
  method: "a",
  request: "{}",
  metadata: { type: "google.protobuf.Struct", json: '{"percent":40}' },
  leaseMs: 5_000,
  deadlineTime: 7,
  failedAttempts: 1,
  attemptsMax: 5,
  cancelRequested: true,
  target: "projects/p/disks/d",
  priority: 3,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "v=1",
  principal: "user:ada@example.com",
  tenant: "projects/p",
};
const facts = { now: 1_000, worker: "w", firstLeaseMs: 5_000 };

test("a claim becomes the record that a worker with the store has", () => {
  const operation = claimedOperation(entry, facts);
  const { parent, id, attempt, failedAttempts, attemptsMax, cancelTime, deadlineTime, leaseTime } = operation;
  assert.deepEqual(
    [parent, id, attempt, failedAttempts, attemptsMax, cancelTime, deadlineTime, leaseTime],
    ["projects/p", "x", 2, 1, 5, 1_000, 7, 6_000],
  );
  assert.deepEqual(callerOf(operation.caller), { principal: "user:ada@example.com", tenant: "projects/p" });
  assert.deepEqual(operation.metadata, entry.metadata);
  assert.equal(operation.traceContext, `${entry.traceparent} v=1`);
  assert.deepEqual(operation.claimed, entry.attempt);
  // Copies that an attempt makes keep the proof of the claim.
  assert.deepEqual({ ...operation, metadata: null }.claimed, entry.attempt);
});

test("fields that the server does not send are absent", () => {
  const bare = {
    ...entry,
    principal: "",
    tenant: "",
    traceparent: "",
    tracestate: "",
    cancelRequested: false,
  };
  const { caller, traceContext, cancelTime } = claimedOperation(bare, facts);
  assert.deepEqual([caller, traceContext, cancelTime], [null, null, null]);
  assert.deepEqual(callerOf(claimedOperation({ ...bare, principal: "a" }, facts).caller), {
    principal: "a",
    tenant: null,
  });
});

test("an invalid name is refused, and a token longer than leases may have", () => {
  const token = "t".repeat(LIMITS.presentedLengthMax - entry.attempt.name.length);
  const refused = [{ name: "nonsense" }, { token: `${token}t` }];
  for (const change of refused) {
    const attempt = { ...entry.attempt, ...change };
    assert.throws(() => claimedOperation({ ...entry, attempt }, facts), { reason: "ANSWER_INVALID" });
  }
  claimedOperation({ ...entry, attempt: { ...entry.attempt, token } }, facts);
});
