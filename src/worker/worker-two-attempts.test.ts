import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { nameOf } from "../testing/an-operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { steered, withoutRenewals } from "./steered.suite.ts";
import { openTestWorker } from "./test-worker.suite.ts";

/** The first attempt has lost its lease and continues, while the second runs. */
async function two() {
  const handlers = steered();
  const opened = await openTestWorker([handlers.method]);
  withoutRenewals(opened);
  opened.worker.start();
  const operation = await opened.start(handlers.method);
  await opened.clock.advance(LIMITS.leaseMs);
  await opened.engine.sweep.round();
  await opened.clock.advance(10_000);
  assert.deepEqual([handlers.gates.length, handlers.whys], [2, ["1 lease-lost"]]);
  return { ...opened, ...handlers, operation };
}

suite("Two attempts of one operation in one worker", () => {
  test("are both awaited by a stop, and reported if they do not end", async () => {
    await using opened = await two();
    const stopped = opened.worker.stop({ drainMs: 0 });
    await opened.clock.advance(LIMITS.drainAbortMs);
    await stopped;
    assert.deepEqual(
      opened.worker.abandoned.map(({ attempt }) => attempt),
      [1, 2],
    );
    assert.equal((await opened.read(opened.operation)).state, "PENDING");
  });

  test("are distinguished when the first ends: the second learns of a cancellation, the first is forgotten", async () => {
    await using opened = await two();
    opened.gates[0]?.resolve();
    await opened.events.until("attempt.ended");
    await settled();
    await opened.engine.operations.cancel(ANONYMOUS, nameOf(opened.operation));
    assert.deepEqual(opened.whys, ["1 lease-lost", "2 cancelled"]);
    const stopped = opened.worker.stop({ drainMs: 0 });
    await opened.clock.advance(LIMITS.drainAbortMs);
    await stopped;
    assert.deepEqual(
      opened.worker.abandoned.map(({ attempt }) => attempt),
      [2],
    );
  });
});
