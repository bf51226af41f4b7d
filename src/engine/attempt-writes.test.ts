import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { defineMethod } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import { EMPTY, STRUCT } from "../core/operation/payload.ts";
import { openTestEngine, type TestEngine } from "../testing/test-engine.ts";

const pack = defineMethod({ name: "pack", request: z.object({}), run: () => {} });
const metadata = { type: STRUCT, json: '{"progressPercent":50}' };

async function running(test: TestEngine): Promise<Operation> {
  await test.engine.operations.start(ANONYMOUS, { method: "pack", request: {} });
  const wanted = [{ method: "pack", limit: 1 }];
  const [claimed] = (await test.engine.attempts.claim({ worker: "w", leaseMs: 30_000, limit: 1, wanted }))
    .operations;
  assert.ok(claimed);
  return claimed;
}

describe("AttemptWrites", () => {
  it("report() writes the progress, extends the lease and raises the revision", async () => {
    await using test = await openTestEngine([pack]);
    const claimed = await running(test);
    await test.clock.advance(20_000);
    const answer = await test.engine.attempts.report({ id: claimed.id, attempt: 1 }, 30_000, metadata);
    assert.deepEqual(answer, {
      held: true,
      leaseTime: test.clock.now() + 30_000,
      revision: claimed.revision + 1,
      cancelRequested: false,
    });
    assert.deepEqual((await test.engine.operations.get(ANONYMOUS, formatName(claimed))).metadata, metadata);
  });

  it("complete() writes the newest metadata together with the response", async () => {
    await using test = await openTestEngine([pack]);
    const claimed = await running(test);
    await test.engine.attempts.complete({ ...claimed, metadata }, EMPTY);
    const done = await test.engine.operations.get(ANONYMOUS, formatName(claimed));
    assert.equal(done.state, "SUCCEEDED");
    assert.deepEqual(done.metadata, metadata);
  });

  it("complete() decides again after a concurrent cancellation, and keeps the report and the cancellation request", async () => {
    await using test = await openTestEngine([pack]);
    const claimed = await running(test);
    await test.engine.operations.cancel(ANONYMOUS, formatName(claimed));
    await test.engine.attempts.complete({ ...claimed, metadata }, EMPTY);
    const done = await test.engine.operations.get(ANONYMOUS, formatName(claimed));
    assert.equal(done.state, "SUCCEEDED");
    assert.deepEqual(done.metadata, metadata);
    assert.equal(done.cancelTime, test.clock.now());
  });

  it("release() returns an attempt, with a delay if one is given, and does not count it", async () => {
    for (const delayMs of [0, 5_000]) {
      await using test = await openTestEngine([pack]);
      const claimed = await running(test);
      await test.engine.attempts.release(claimed, delayMs);
      const given = await test.engine.operations.get(ANONYMOUS, formatName(claimed));
      assert.deepEqual(
        [given.state, given.failedAttempts, given.availableTime - test.clock.now()],
        ["PENDING", 0, delayMs],
      );
    }
  });

  it("fail() after a cancellation that the attempt did not know of ends the operation as cancelled", async () => {
    await using test = await openTestEngine([pack]);
    const claimed = await running(test);
    await test.engine.operations.cancel(ANONYMOUS, formatName(claimed));
    const error = { code: "INTERNAL", message: "boom", details: [] } as const;
    await test.engine.attempts.fail(claimed, { error, exception: "boom", retryTime: 1 });
    assert.equal((await test.engine.operations.get(ANONYMOUS, formatName(claimed))).state, "CANCELLED");
  });

  it("release() lets another worker take the operation at once, as a new attempt", async () => {
    await using test = await openTestEngine([pack]);
    const claimed = await running(test);
    await test.engine.attempts.release(claimed);
    const wanted = [{ method: "pack", limit: 1 }];
    const again = await test.engine.attempts.claim({ worker: "v", leaseMs: 30_000, limit: 1, wanted });
    assert.equal(again.operations[0]?.attempt, 2);
    assert.equal(await test.engine.attempts.release(claimed), "lost");
  });
});
