import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { openWorkersBench, reasonOf, struct } from "./workers.suite.ts";

test("metadata that violates the schema is refused, and the lease is renewed nevertheless", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  for (const metadata of [struct({ percent: "half" }), { type: "google.protobuf.Any", json: "{}" }]) {
    await bench.clock.advance(1_000);
    const answers = await bench.engine.workers.renew(ANONYMOUS, { renewals: [{ attempt, metadata }] });
    assert.deepEqual(answers.map(reasonOf), ["ATTEMPT_METADATA_INVALID"]);
    assert.equal(answers[0]?.held, true);
    const kept = await bench.read(operation);
    assert.deepEqual([kept.metadata, kept.leaseTime], [null, bench.store.time() + 30_000]);
  }
});

test("a renewal of an attempt that is not held gets the reason", async () => {
  await using bench = await openWorkersBench();
  await bench.start();
  const { attempt } = await bench.claimOne();
  const renew = () =>
    bench.engine.workers.renew(ANONYMOUS, { renewals: [{ attempt, metadata: struct({ percent: 1 }) }] });
  await bench.clock.advance(10_000);
  const [late] = await renew();
  assert.deepEqual([late?.held, late && reasonOf(late)], [false, "ATTEMPT_LOST"]);
  await bench.engine.workers.complete(ANONYMOUS, [{ attempt, response: struct({ size: 1 }) }]);
  const [done] = await renew();
  assert.deepEqual([done?.held, done && reasonOf(done)], [false, "OPERATION_DONE"]);
  await bench.engine.operations.delete(ANONYMOUS, attempt.name);
  assert.deepEqual((await renew()).map(reasonOf), ["OPERATION_NOT_FOUND"]);
});

test("leases last five seconds to ten minutes, by default thirty seconds", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  const renew = (leaseMs?: number) =>
    bench.engine.workers.renew(ANONYMOUS, { leaseMs, renewals: [{ attempt, metadata: undefined }] });
  for (const [asked, given] of [
    [5_000, 5_000],
    [undefined, 30_000],
    [600_000, 600_000],
  ] as const) {
    const [answer] = await renew(asked);
    assert.equal(answer?.leaseMs, given);
    // Leases never become shorter.
    const leaseMs = Math.max(given, LIMITS.remoteFirstLeaseMs);
    assert.equal((await bench.read(operation)).leaseTime, bench.store.time() + leaseMs);
  }
  for (const asked of [4_999, 600_001, Number.NaN])
    await assert.rejects(renew(asked), { reason: "CLAIM_INVALID" });
});
