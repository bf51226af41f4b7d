import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { LIMITS } from "../limits.ts";
import type { Operation } from "./operation.ts";
import {
  firstLeaseMs,
  HANDED_OVER,
  isRemoteWorker,
  isUnconfirmed,
  remoteWorker,
  shownWorker,
} from "./remote-worker.ts";
import { transition } from "./transition.ts";

const T0 = Date.UTC(2026, 0, 1);

function running(worker: string, leaseMs: number): Operation {
  const claim = { type: "claim", now: T0, worker, leaseTime: T0 + leaseMs } as const;
  const { next } = transition(anOperation(), claim);
  assert.ok(next !== undefined);
  return next;
}

test("a worker without the store is recognised by its name in the record", () => {
  assert.equal(isRemoteWorker(remoteWorker("host-3/4711")), true);
  assert.equal(isRemoteWorker("host-3-4711-8d0f4a21"), false);
  assert.equal(isRemoteWorker(null), false);
});

test("operators see the name that the worker chose", () => {
  assert.deepEqual([remoteWorker("host-3/4711"), `${HANDED_OVER}host-3-4711-8d0f4a21`, ""].map(shownWorker), [
    "host-3/4711",
    "host-3-4711-8d0f4a21",
    "",
  ]);
});

test("a first lease is short, or as requested if that is shorter", () => {
  assert.deepEqual([5_000, 10_000, 600_000].map(firstLeaseMs), [5_000, 10_000, 10_000]);
});

test("an attempt is unconfirmed while it has its first lease, only for workers without the store", () => {
  const remote = remoteWorker("w");
  const longest = LIMITS.remoteFirstLeaseMs + LIMITS.remoteFirstLeaseSlackMs;
  assert.equal(isUnconfirmed(running(remote, longest)), true);
  assert.equal(isUnconfirmed(running(remote, longest + 1)), false);
  assert.equal(isUnconfirmed(running("w", 10_000)), false);
  assert.equal(isUnconfirmed(anOperation()), false);
});
