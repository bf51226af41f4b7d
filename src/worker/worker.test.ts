import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { type AttemptAborted, type Context, defineMethod } from "../core/method/method.ts";
import { anOperation, nameOf } from "../testing/an-operation.ts";
import { HeldCalls, passing } from "../testing/held-calls.suite.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";

const request = z.object({});

/** A method whose handlers end when the test says so, and record why they were aborted. */
function gated(concurrency?: number) {
  const gates: (() => void)[] = [];
  const whys: string[] = [];
  const run = (_: unknown, { signal }: Context): Promise<void> => {
    signal.addEventListener("abort", () => whys.push((signal.reason as AttemptAborted).why));
    return new Promise((resolve) => void gates.push(resolve));
  };
  const limit = concurrency === undefined ? {} : { concurrency };
  return { gates, whys, method: defineMethod({ name: "gated", request, run, ...limit }) };
}

/** Opens a worker that has claimed and found nothing. */
async function openIdle(...args: Parameters<typeof openTestWorker>): Promise<TestWorker> {
  const opened = await openTestWorker(...args);
  opened.worker.start();
  await opened.events.until("claim.answered");
  await settled();
  return opened;
}

test("an operation that was cancelled between its claim and the answer is told so when it begins", async () => {
  const { gates, whys, method } = gated();
  await using opened = await openIdle([method]);
  const { claim } = opened.attempts;
  opened.attempts.claim = async (asked) => {
    const answer = await claim(asked);
    for (const operation of answer.operations)
      await opened.engine.operations.cancel(ANONYMOUS, nameOf(operation));
    return answer;
  };
  await opened.start(method);
  await opened.events.until("attempt.aborted");
  assert.deepEqual(whys, ["cancelled"]);
  gates[0]?.();
});

suite("Worker.reserve()", () => {
  test("lets a start run here without a claim", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method], { claimant: true });
    const operation = await opened.start(method);
    assert.deepEqual([operation.state, operation.attempt, operation.worker], ["RUNNING", 1, "worker-1"]);
    await opened.events.until("attempt.began");
    await settled();
    gates[0]?.();
    await opened.events.until("attempt.ended");
    assert.equal((await opened.read(operation)).state, "SUCCEEDED");
    assert.equal(opened.attempts.calls.claim, 1);
  });

  test("refuses beyond the slots of the method and the process; refused operations are claimed later", async () => {
    const { gates, method } = gated(2);
    await using opened = await openIdle([method], { claimant: true });
    const states = [];
    for (let each = 0; each < 4; each++) states.push((await opened.start(method)).state);
    assert.deepEqual(states, ["RUNNING", "RUNNING", "PENDING", "PENDING"]);
    await opened.events.until("attempt.began", 2);
    await settled();
    for (let each = 0; each < 4; each++) {
      gates[each]?.();
      await opened.events.until("attempt.ended", each + 1);
      await settled();
    }
    assert.equal(opened.worker.running, 0);
  });

  test("refuses while older work waits, so that starts cannot overtake it for ever", async () => {
    const { gates, method } = gated(1);
    await using opened = await openIdle([method], { claimant: true });
    await opened.start(method);
    const older = await opened.start(method);
    await settled();
    opened.attempts.fault = (verb) => {
      if (verb === "claim") throw serviceError("STORE_UNAVAILABLE", "away");
    };
    gates[0]?.();
    await opened.events.until("claim.failed");
    assert.equal(opened.worker.running, 0);
    assert.equal(opened.worker.reserve("gated"), undefined);
    opened.attempts.fault = () => {};
    await opened.clock.advance(1_000);
    assert.equal((await opened.read(older)).state, "RUNNING");
    gates[1]?.();
    await opened.events.until("attempt.ended", 2);
    await settled();
    assert.notEqual(opened.worker.reserve("gated"), undefined);
  });

  test("refuses before the first claim was answered, for unknown methods, and while stopping", async () => {
    const { method } = gated();
    await using opened = await openTestWorker([method]);
    assert.equal(opened.worker.reserve("gated"), undefined);
    opened.worker.start();
    assert.equal(opened.worker.reserve("gated"), undefined);
    await opened.events.until("claim.answered");
    await settled();
    assert.equal(opened.worker.reserve("stranger"), undefined);
    const reservation = opened.worker.reserve("gated");
    assert.equal(opened.worker.running, 1);
    reservation?.cancel();
    assert.equal(opened.worker.running, 0);
    void opened.worker.stop({ drainMs: 0 });
    assert.equal(opened.worker.reserve("gated"), undefined);
  });

  test("an operation whose insert took longer than its lease is released unrun", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method]);
    const reservation = opened.worker.reserve("gated");
    assert.ok(reservation !== undefined);
    await opened.clock.advance(LIMITS.leaseMs);
    reservation.run(anOperation({ method: "gated", state: "RUNNING", attempt: 1 }), 0);
    await opened.events.until("attempt.ended");
    assert.deepEqual([gates.length, opened.attempts.calls.release], [0, 1]);
  });

  test("a start runs although its caller was told that the store did not answer", async () => {
    const { gates, whys, method } = gated();
    await using opened = await openIdle([method], { claimant: true });
    const held = new HeldCalls();
    passing(opened.store, ["write"], held.pass);
    const insert = held.hold("insert", "answer");
    const refused = assert.rejects(opened.start(method), { reason: "STORE_UNAVAILABLE" });
    await insert.reached;
    await opened.clock.advance(10_000);
    await refused;
    insert.go();
    await settled();
    assert.deepEqual([gates.length, whys, opened.worker.running], [1, [], 1]);
    gates[0]?.();
  });
});

suite("Worker.stop()", () => {
  test("resolves at once when nothing runs, however often it is called", async () => {
    const { method } = gated();
    await using opened = await openIdle([method]);
    const first = opened.worker.stop({ drainMs: 10_000 });
    assert.equal(opened.worker.stop({ drainMs: 10_000 }), first);
    await first;
    const { claim } = opened.attempts.calls;
    await opened.clock.advance(60_000);
    assert.equal(opened.attempts.calls.claim, claim);
  });

  test("before start() it resolves, and start() does nothing after it", async () => {
    const { method } = gated();
    await using opened = await openTestWorker([method]);
    await opened.worker.stop();
    opened.worker.start();
    assert.equal(opened.attempts.calls.claim, 0);
  });

  test("waits for a handler that ends within the drain, and writes its result", async () => {
    const { gates, whys, method } = gated();
    await using opened = await openIdle([method]);
    const operation = await opened.start(method);
    await opened.events.until("attempt.began");
    const stopped = opened.worker.stop({ drainMs: 10_000 });
    await opened.clock.advance(9_999);
    gates[0]?.();
    await stopped;
    assert.deepEqual([(await opened.read(operation)).state, whys], ["SUCCEEDED", []]);
  });

  test("after the drain the signal aborts; a handler that stops is released, uncounted, for others to take at once", async () => {
    const method = defineMethod({
      name: "gated",
      request,
      run: (_, { signal }) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    });
    await using opened = await openIdle([method]);
    const operation = await opened.start(method);
    await opened.events.until("attempt.began");
    const stopped = opened.worker.stop({ drainMs: 5_000 });
    await opened.clock.advance(5_000);
    await stopped;
    const { state, attempt, failedAttempts, availableTime } = await opened.read(operation);
    assert.deepEqual([state, attempt, failedAttempts], ["PENDING", 1, 0]);
    assert.ok(availableTime <= opened.clock.now());
  });

  test("a handler that ignores its signal is left behind; its lease is released and its result refused", async () => {
    const { gates, whys, method } = gated();
    await using opened = await openIdle([method]);
    const operation = await opened.start(method);
    await opened.events.until("attempt.began");
    const stopped = opened.worker.stop({ drainMs: 0 });
    await opened.clock.advance(LIMITS.drainAbortMs);
    await stopped;
    assert.deepEqual(whys, ["shutdown"]);
    const released = await opened.read(operation);
    assert.equal(released.state, "PENDING");
    gates[0]?.();
    await settled();
    assert.deepEqual(await opened.read(operation), released);
  });

  test("a handler that is left behind and throws later does no harm", async () => {
    const gate = Promise.withResolvers<never>();
    const method = defineMethod({ name: "gated", request, run: () => gate.promise });
    await using opened = await openIdle([method]);
    await opened.start(method);
    await opened.events.until("attempt.began");
    const stopped = opened.worker.stop({ drainMs: 0 });
    await opened.clock.advance(LIMITS.drainAbortMs);
    await stopped;
    gate.reject(new Error("late"));
    await settled();
    assert.deepEqual(opened.events.endings, ["released"]);
  });

  test("never hangs: not on a store that does not answer, nor on a claim or a reservation that never ends", async () => {
    const { method } = gated();
    await using opened = await openIdle([method]);
    await opened.start(method);
    await opened.events.until("attempt.began");
    await settled();
    assert.notEqual(opened.worker.reserve("gated"), undefined);
    opened.attempts.held.hold("claim", "call");
    opened.attempts.held.hold("release", "answer");
    await opened.clock.advance(LIMITS.claimIntervalMs);
    const stopped = opened.worker.stop({ drainMs: 1_000 });
    await opened.clock.advance(1_000 + 2 * LIMITS.drainAbortMs);
    await stopped;
  });

  test("a second call may shorten the drain", async () => {
    const { whys, method } = gated();
    await using opened = await openIdle([method]);
    await opened.start(method);
    await opened.events.until("attempt.began");
    void opened.worker.stop({ drainMs: 3_600_000 });
    const stopped = opened.worker.stop({ drainMs: 0 });
    await opened.clock.advance(LIMITS.drainAbortMs);
    await stopped;
    assert.deepEqual(whys, ["shutdown"]);
  });

  test("operations from a claim in progress are released unrun", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method]);
    const operation = await opened.start(method);
    opened.worker.start();
    const stopped = opened.worker.stop({ drainMs: 0 });
    await stopped;
    assert.deepEqual([(await opened.read(operation)).state, gates.length], ["PENDING", 0]);
    assert.equal(opened.attempts.calls.release, 1);
  });
});
