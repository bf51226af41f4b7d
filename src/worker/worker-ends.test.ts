import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { defineMethod } from "../core/method/method.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const quick = defineMethod({ name: "quick", request: z.object({}), run: () => {} });

/**
 * A worker with one slot and three operations; the outcome of the first does not reach the store
 * yet.
 */
async function withHeldEnd() {
  const opened = await openTestWorker([quick], { concurrency: 1 });
  const first = opened.attempts.held.hold("complete", "call");
  const second = opened.attempts.held.hold("complete", "call");
  for (let each = 0; each < 3; each++) await opened.start(quick);
  opened.worker.start();
  await first.reached;
  return { opened, first, second };
}

suite("While the end of an attempt is written,", () => {
  test("its slot is free for the next one", async () => {
    const { opened, first, second } = await withHeldEnd();
    await using worker = opened;
    await second.reached;
    assert.deepEqual([worker.events.count("attempt.began"), worker.events.count("attempt.ended")], [2, 0]);
    for (const end of [second, first]) end.go();
    await worker.events.until("attempt.ended", 3);
  });

  test("no more begin than there are slots: each waits for an end", async () => {
    const { opened, first, second } = await withHeldEnd();
    await using worker = opened;
    await second.reached;
    await settled();
    assert.deepEqual([worker.attempts.calls.claim, worker.worker.running], [2, 0]);
    first.go();
    await worker.events.until("attempt.began", 3);
    second.go();
    await worker.events.until("attempt.ended", 3);
    await settled();
    assert.equal(worker.worker.running, 0);
  });

  test("a stop waits for it", async () => {
    const { opened, first, second } = await withHeldEnd();
    await using worker = opened;
    second.go();
    const stopped = worker.worker.stop();
    let isStopped = false;
    void stopped.then(() => (isStopped = true));
    await settled();
    assert.equal(isStopped, false);
    first.go();
    await stopped;
    assert.ok(worker.events.endings.every((how) => how === "completed" || how === "released"));
  });

  test("a stop that gives up does not leave its repetition behind", async () => {
    await using worker = await openTestWorker([quick], { leaseMs: 600_000 });
    worker.attempts.fault = (verb) => {
      if (verb === "complete") throw new StatusError("UNAVAILABLE", "The store is away.");
    };
    await worker.start(quick);
    worker.worker.start();
    await worker.events.until("attempt.write-failed");
    const stopped = worker.worker.stop({ drainMs: 0 });
    await worker.clock.advance(2 * LIMITS.drainAbortMs);
    await stopped;
    await settled();
    assert.deepEqual(worker.events.endings, ["dropped"]);
  });

  test("a stop that gives up renews no lease any more, although the store does not answer", async () => {
    const { opened, first, second } = await withHeldEnd();
    await using worker = opened;
    await second.reached;
    const stopped = worker.worker.stop({ drainMs: 0 });
    await worker.clock.advance(2 * LIMITS.drainAbortMs);
    await stopped;
    const { pending } = worker.clock;
    for (const end of [first, second]) end.go();
    await worker.events.until("attempt.ended", 2);
    assert.equal(worker.clock.pending, pending, "the attempts had no timers any more");
  });
});
