import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { defineMethod } from "../core/method/method.ts";
import { nameOf } from "../testing/an-operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";

/** Tests when a claim is repeated: at once, when work becomes due, or at the backstop. */

const request = z.object({});

/** A method whose handlers end when the test says so. */
function gated(name: string, concurrency?: number) {
  const gates: (() => void)[] = [];
  const run = (): Promise<void> => new Promise((resolve) => void gates.push(resolve));
  const limit = concurrency === undefined ? {} : { concurrency };
  return { gates, method: defineMethod({ name, request, run, ...limit }) };
}

async function openIdle(...given: Parameters<typeof openTestWorker>): Promise<TestWorker> {
  const opened = await openTestWorker(...given);
  opened.worker.start();
  await opened.events.until("claim.answered");
  await settled();
  return opened;
}

/** Drops the hints of a method's pending work. */
function withoutHintsOf(method: string, { attempts }: TestWorker): void {
  const { watch } = attempts;
  attempts.watch = (listener) =>
    watch((changes) => listener(changes.filter((each) => each.method !== method)));
}

suite("A method must be asked for again", () => {
  test("when a claim filled the process, but not the method", async () => {
    const [one, two] = [gated("one"), gated("two")];
    await using opened = await openTestWorker([one.method, two.method], { concurrency: 3 });
    for (const { method } of [one, one, two, two, two]) await opened.start(method);
    opened.worker.start();
    await opened.events.until("attempt.began", 3);
    await settled();
    for (const gate of [...one.gates, ...two.gates]) gate();
    await opened.events.until("attempt.began", 5);
    await settled();
    assert.deepEqual([opened.clock.monotonic(), opened.attempts.calls.claim <= 4], [0, true]);
    for (const gate of [...one.gates, ...two.gates]) gate();
  });

  test("when a claim filled the method, but not the process", async () => {
    const narrow = gated("narrow", 1);
    await using opened = await openTestWorker([narrow.method], { concurrency: 3 });
    for (let each = 0; each < 2; each++) await opened.start(narrow.method);
    opened.worker.start();
    await opened.events.until("attempt.began");
    await settled();
    narrow.gates[0]?.();
    await opened.events.until("attempt.began", 2);
    await settled();
    assert.equal(opened.clock.monotonic(), 0);
    narrow.gates[1]?.();
  });

  test("when it has no free slot while others are asked for", async () => {
    const [narrow, wide] = [gated("narrow", 1), gated("wide")];
    await using opened = await openTestWorker([narrow.method, wide.method], { claimant: true });
    withoutHintsOf("narrow", opened);
    opened.worker.start();
    await opened.events.until("claim.answered");
    await settled();
    assert.equal((await opened.start(narrow.method)).state, "RUNNING");
    const waits = await opened.start(narrow.method);
    assert.equal(waits.state, "PENDING");
    await opened.clock.advance(1);
    const claim = opened.engine.operations.start(ANONYMOUS, { method: "wide", request: {}, delayMs: 10 });
    await claim;
    await opened.clock.advance(10);
    assert.equal(wide.gates.length, 1);
    narrow.gates[0]?.();
    await opened.events.until("attempt.ended");
    await settled();
    assert.deepEqual([(await opened.read(waits)).state, opened.clock.monotonic()], ["RUNNING", 11]);
    for (const gate of [...narrow.gates, ...wide.gates]) gate();
  });
});

suite("The next claim goes out", () => {
  test("when the first of several delayed operations is due, whichever was announced last, with one timer", async () => {
    const { gates, method } = gated("gated");
    await using opened = await openIdle([method]);
    const timers = opened.clock.pending;
    const start = (delayMs: number) =>
      opened.engine.operations.start(ANONYMOUS, { method: "gated", request: {}, delayMs });
    for (const delayMs of [2_000, 1_000, 3_000]) await start(delayMs);
    assert.equal(opened.clock.pending, timers);
    const began: number[] = [];
    for (let each = 0; each < 3; each++) {
      await opened.clock.advance(999);
      began.push(gates.length);
      await opened.clock.advance(1);
      began.push(gates.length);
    }
    assert.deepEqual(began, [0, 1, 1, 2, 2, 3]);
    for (const gate of gates) gate();
  });

  test("not for an operation that is no longer pending when its time comes", async () => {
    const { gates, method } = gated("gated");
    await using opened = await openIdle([method]);
    const { operations } = opened.engine;
    const delayed = await operations.start(ANONYMOUS, { method: "gated", request: {}, delayMs: 1_000 });
    await operations.cancel(ANONYMOUS, nameOf(delayed));
    await opened.start(method);
    await opened.events.until("attempt.began");
    await settled();
    const { claim } = opened.attempts.calls;
    await opened.clock.advance(2_000);
    assert.equal(opened.attempts.calls.claim, claim);
    gates[0]?.();
  });

  test("a backstop interval after the last was answered, however late that was", async () => {
    const { method } = gated("gated");
    await using opened = await openTestWorker([method]);
    const claim = opened.attempts.held.hold("claim", "answer");
    opened.worker.start();
    await claim.reached;
    await opened.clock.advance(4_000);
    claim.go();
    await opened.clock.advance(0.75 * LIMITS.claimIntervalMs - 1);
    assert.equal(opened.attempts.calls.claim, 1);
    await opened.clock.advance(0.25 * LIMITS.claimIntervalMs + 1);
    assert.equal(opened.attempts.calls.claim, 2);
  });

  test("after a pause if the store says that something is due at this instant but returns nothing", async () => {
    const { method } = gated("gated");
    await using opened = await openTestWorker([method]);
    let claims = 0;
    opened.attempts.claim = () => {
      claims++;
      return Promise.resolve({ operations: [], nextTime: opened.clock.now() });
    };
    opened.worker.start();
    await opened.clock.advance(1_000);
    assert.ok(claims > 1 && claims <= 11, String(claims));
  });
});
