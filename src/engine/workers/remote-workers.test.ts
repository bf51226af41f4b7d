import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { emptiedDatabase } from "../../../test/support/emptying.ts";
import { postgresForTests } from "../../../test/support/postgres.ts";
import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { silence, type Tell } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import { settled } from "../../testing/manual-clock.ts";
import { forged, nameOf, openWorkersBench, pack, reasonOf, struct } from "./workers.suite.ts";

const STORES: Readonly<Record<string, () => Promise<string>>> = {
  "in SQLite": () => Promise.resolve("sqlite::memory:"),
  "in PostgreSQL": emptiedDatabase(postgresForTests),
};

for (const [name, address] of Object.entries(STORES))
  suite(`workers without the store, ${name}`, () => {
    test("an operation is claimed, renewed with a report, and completed", async () => {
      await using bench = await openWorkersBench({ address: await address() });
      const { workers } = bench.engine;
      const operation = await bench.start();
      const claim = await bench.claimOne({ leaseMs: 30_000 });
      assert.equal(claim.attempt.name, nameOf(operation));
      assert.equal(claim.leaseMs, LIMITS.remoteFirstLeaseMs);
      assert.equal((await bench.read(operation)).worker, "remote:far/1");
      const { attempt } = claim;
      const renewed = await workers.renew(ANONYMOUS, {
        renewals: [{ attempt, metadata: struct({ percent: 40 }) }],
      });
      assert.deepEqual(renewed, [{ held: true, leaseMs: 30_000, cancelRequested: false, error: undefined }]);
      const running = await bench.read(operation);
      assert.deepEqual(running.metadata, struct({ percent: 40 }));
      assert.ok((running.leaseTime ?? 0) >= bench.store.time() + 29_000);
      const completion = { attempt, response: struct({ size: 3 }) };
      const done = [{ error: undefined, state: "SUCCEEDED" }];
      assert.deepEqual(await workers.complete(ANONYMOUS, [completion]), done);
      assert.deepEqual(await workers.complete(ANONYMOUS, [completion]), done, "its answer was lost");
      const [other] = await workers.complete(ANONYMOUS, [{ attempt, response: struct({ size: 4 }) }]);
      assert.deepEqual([other && reasonOf(other), other?.state], ["OPERATION_DONE", "SUCCEEDED"]);
      const kept = await bench.read(operation);
      assert.deepEqual([kept.response, kept.metadata], [struct({ size: 3 }), struct({ percent: 40 })]);
    });

    test("an attempt that was never renewed is not counted, and one that was renewed is", async () => {
      const told: string[] = [];
      const tell: Tell = { ...silence, "lease.expired": ({ how }) => void told.push(how) };
      await using bench = await openWorkersBench({ address: await address(), tell });
      const operation = await bench.start();
      await bench.claimOne();
      await bench.clock.advance(LIMITS.remoteFirstLeaseMs);
      await bench.engine.sweep.round();
      const again = await bench.read(operation);
      assert.deepEqual([again.state, again.failedAttempts], ["PENDING", 0]);
      assert.deepEqual(
        again.attempts.map(({ how, worker }) => [how, worker]),
        [["unconfirmed", "remote:far/1"]],
      );
      const { attempt } = await bench.claimOne();
      await bench.engine.workers.renew(ANONYMOUS, { renewals: [{ attempt, metadata: undefined }] });
      await bench.clock.advance(30_000);
      await bench.engine.sweep.round();
      assert.equal((await bench.read(operation)).failedAttempts, 1);
      assert.deepEqual(told, ["unconfirmed", "worker-lost"]);
      const answers = await bench.engine.workers.complete(ANONYMOUS, [
        { attempt, response: struct({ size: 1 }) },
      ]);
      assert.deepEqual(answers.map(reasonOf), ["ATTEMPT_LOST"]);
    });

    test("a worker within a parent gets nothing of others", async () => {
      await using bench = await openWorkersBench({ address: await address() });
      await bench.start(pack, { parent: "projects/pa" });
      const mine = await bench.start(pack, { parent: "projects/p/locations/l" });
      const { claims } = await bench.claim({ parent: "projects/p", limit: 9 });
      assert.deepEqual(
        claims.map(({ attempt }) => attempt.name),
        [nameOf(mine)],
      );
    });

    test("a start is handed over to a waiting claim, and its end wakes its waiters", async () => {
      const { promise: answered, resolve } = Promise.withResolvers<unknown>();
      const tell = { "claim.answered": resolve };
      await using bench = await openWorkersBench({ address: await address(), tell });
      const parked = await bench.park();
      await answered;
      await settled();
      const operation = await bench.start();
      const [claim] = (await parked.result).claims;
      assert.deepEqual([operation.state, claim?.attempt.name], ["RUNNING", nameOf(operation)]);
      assert.ok(claim !== undefined);
      const waiting = bench.engine.operations.wait(ANONYMOUS, nameOf(operation));
      await bench.engine.workers.complete(ANONYMOUS, [
        { attempt: claim.attempt, response: struct({ size: 1 }) },
      ]);
      assert.equal((await waiting).state, "SUCCEEDED");
    });
  });

const ADA: Caller = { ...ANONYMOUS, principal: "user:ada@example.com" };

/** Allows claims below `projects/a`, and records its calls. */
function policy() {
  const calls: Call[] = [];
  const authorize = (call: Call): undefined => {
    calls.push(call);
    if (!`${call.resource}/`.startsWith("projects/a/") && call.permission.endsWith(".claim"))
      throw new StatusError("PERMISSION_DENIED", "no", { reason: "IAM_PERMISSION_DENIED" });
  };
  return { calls, policy: { authorizer: { authorize, viewOf: () => "" } } };
}

test("a claim needs the permission on its parent, and an outcome on the parent of its operation", async () => {
  const { calls, ...options } = policy();
  await using bench = await openWorkersBench(options);
  const { workers } = bench.engine;
  const claim = (parent: string) =>
    workers.claim(ADA, {
      parent,
      methods: ["pack"],
      worker: "w",
      requestId: "",
      workerVersion: "",
      limit: 9,
    });
  await assert.rejects(claim(""), { code: "PERMISSION_DENIED" });
  await assert.rejects(claim("projects/b"), { code: "PERMISSION_DENIED" });
  await Promise.all([1, 2, 3].map(() => bench.start(pack, { parent: "projects/a" })));
  const { claims } = await claim("projects/a");
  const [first, second, third] = claims.map(({ attempt }) => attempt);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  calls.length = 0;
  const elsewhere = { ...first, name: first.name.replace("projects/a", "projects/b") };
  const response = struct({ size: 1 });
  const answers = await workers.complete(ADA, [
    { attempt: first, response },
    { attempt: elsewhere, response },
    { attempt: forged(second, first), response },
    { attempt: { ...third, name: "nothing" }, response },
  ]);
  assert.deepEqual(answers.map(reasonOf), [
    undefined,
    "IAM_PERMISSION_DENIED",
    "ATTEMPT_TOKEN_INVALID",
    "OPERATION_NOT_FOUND",
  ]);
  assert.deepEqual(
    calls.map(({ permission, resource, rpc }) => [permission, resource, rpc]),
    ["projects/a", "projects/b"].map((parent) => [
      "longrunning.operations.claim",
      parent,
      "CompleteAttempts",
    ]),
  );
});

test("a claim ends when its caller loses the permission", async () => {
  let mayClaim = true;
  const listeners: (() => void)[] = [];
  await using bench = await openWorkersBench({
    policy: {
      authorizer: {
        viewOf: () => "",
        authorize: () => {
          if (!mayClaim) throw new StatusError("PERMISSION_DENIED", "not any more");
          return undefined;
        },
      },
      changes: { watch: (listener) => (listeners.push(listener), () => {}) },
    },
  });
  const parked = await bench.park();
  const refused = assert.rejects(parked.result, { code: "PERMISSION_DENIED" });
  mayClaim = false;
  for (const changed of listeners) changed();
  await refused;
  assert.equal(bench.engine.workers.waiting, 0);
});

test("no timer runs before the first claim or after the stop", async () => {
  await using bench = await openWorkersBench();
  await bench.start();
  assert.equal(bench.clock.pending, 0);
  await bench.claimOne();
  bench.engine.workers.stop();
  await settled();
  assert.equal(bench.clock.pending, 0);
});
