import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { LOST_REQUEST, SEAL } from "../../core/operation/sealed.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Store } from "../../core/ports/store.ts";
import { settled } from "../../testing/manual-clock.ts";
import { nameOf, openWorkersBench } from "./workers.suite.ts";

test("the lease of a claim that waited counts from the sending of the claim", async () => {
  await using bench = await openWorkersBench();
  const parked = await bench.park();
  await bench.clock.advance(40_000);
  await bench.start();
  const { claims, time } = await parked.result;
  assert.deepEqual([claims.length, claims[0]?.leaseMs], [1, 50_000]);
  assert.equal(time, bench.store.time());
});

test("a repeated claim with the same request id returns the same operations, until their leases end", async () => {
  await using bench = await openWorkersBench();
  const [first] = [await bench.start(), await bench.start()];
  const claim = () => bench.claim({ requestId: "r1" });
  const before = await claim();
  await bench.clock.advance(4_000);
  const again = await claim();
  assert.deepEqual(
    again.claims.map(({ attempt, leaseMs }) => [attempt, leaseMs]),
    before.claims.map(({ attempt, leaseMs }) => [attempt, leaseMs - 4_000]),
  );
  assert.deepEqual(
    again.claims.map(({ attempt }) => attempt.name),
    [nameOf(first)],
  );
  const others = await bench.claim({ requestId: "r1", worker: "other" });
  assert.notDeepEqual(others.claims[0]?.attempt.name, nameOf(first));
  await bench.clock.advance(6_000);
  assert.deepEqual((await claim()).claims, [], "it is claimed anew");
});

test("a repeated claim that asks for longer leases gets the remaining time of its first leases", async () => {
  await using bench = await openWorkersBench();
  await bench.start();
  await bench.claim({ requestId: "r1", leaseMs: 5_000 });
  const { claims } = await bench.claim({ requestId: "r1", leaseMs: 60_000 });
  assert.deepEqual(
    claims.map(({ leaseMs }) => leaseMs),
    [5_000],
  );
});

test("a claim with the worker's name and the request id of another principal is another claim", async () => {
  await using bench = await openWorkersBench();
  await bench.start();
  const request = { parent: "", methods: ["pack"], worker: "far/1", requestId: "r1", workerVersion: "" };
  const { claims } = await bench.engine.workers.claim({ ...ANONYMOUS, principal: "user:a" }, request);
  assert.equal(claims.length, 1);
  const others = await bench.engine.workers.claim({ ...ANONYMOUS, principal: "user:b" }, request);
  assert.deepEqual(others.claims, []);
});

test("a repeated claim replaces the waiting one", async () => {
  await using bench = await openWorkersBench();
  const first = await bench.park({ requestId: "r1" });
  const second = await bench.park({ requestId: "r1" });
  assert.deepEqual([first.names(), second.names()], [[], undefined]);
  const operation = await bench.start();
  await settled();
  assert.deepEqual(second.names(), [nameOf(operation)]);
});

/** A store whose claims return sealed requests. */
function sealing(request: string) {
  return (store: Store): Store => {
    const write = store.write.bind(store);
    store.write = async (command) => {
      const answer = await write(command);
      if (command.verb !== "claim") return answer;
      const { operations } = answer as { readonly operations: readonly Operation[] };
      return { ...answer, operations: operations.map((each) => ({ ...each, request })) };
    };
    return store;
  };
}

test("an operation fails if its request can never be decrypted", async () => {
  await using bench = await openWorkersBench({ around: sealing(LOST_REQUEST) });
  const operation = await bench.start();
  assert.deepEqual((await bench.claim()).claims, []);
  await settled();
  assert.equal((await bench.read(operation)).error?.code, "DATA_LOSS");
});

test("an operation is released for later if only other processes can decrypt its request", async () => {
  await using bench = await openWorkersBench({ around: sealing(`${SEAL}text`) });
  const operation = await bench.start();
  assert.deepEqual((await bench.claim()).claims, []);
  await settled();
  const kept = await bench.read(operation);
  const later = bench.store.time() + LIMITS.keyMissingDelayMs;
  assert.deepEqual([kept.state, kept.availableTime, kept.failedAttempts], ["PENDING", later, 0]);
});

test("an event reports the worker of each claimed attempt and its waiting time", async () => {
  const told: unknown[] = [];
  await using bench = await openWorkersBench({ tell: { "attempt.claimed": (fields) => told.push(fields) } });
  const operation = await bench.start();
  await bench.clock.advance(2_500);
  await bench.claimOne();
  assert.deepEqual(told, [
    { operation: nameOf(operation), method: "pack", attempt: 1, worker: "remote:far/1", waitMs: 2_500 },
  ]);
});
