import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { type AttemptAborted, type Context, defineMethod } from "../core/method/method.ts";
import { nameOf } from "../testing/an-operation.ts";
import { HeldCalls, passing } from "../testing/held-calls.suite.ts";
import { settled } from "../testing/manual-clock.ts";
import { withoutRenewals } from "./steered.suite.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";

/** Tests events during the calls of a worker or of a start. */

const request = z.object({});
const TRUST_MS = LIMITS.leaseMs - LIMITS.leaseMarginMs;
const away = (): Error => serviceError("STORE_UNAVAILABLE", "away");

/** Methods whose handlers end when the test says so, and the abort reason of each attempt. */
function gated(name = "gated") {
  const gates: (() => void)[] = [];
  const whys: string[] = [];
  const run = (_: unknown, { signal, attempt }: Context): Promise<void> => {
    signal.addEventListener("abort", () => whys.push(`${attempt} ${(signal.reason as AttemptAborted).why}`));
    return new Promise((resolve) => void gates.push(resolve));
  };
  return { gates, whys, method: defineMethod({ name, request, run }) };
}

/** A worker that has claimed and found nothing. */
async function openIdle(...given: Parameters<typeof openTestWorker>): Promise<TestWorker> {
  const opened = await openTestWorker(...given);
  opened.worker.start();
  await opened.events.until("claim.answered");
  await settled();
  return opened;
}

/** Whether a promise is already settled. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  void promise.finally(() => (is = true)).catch(() => {});
  await settled();
  return is;
}

/** Holds the calls of starts to the store. */
function holdStore({ store }: TestWorker): HeldCalls {
  const held = new HeldCalls();
  passing(store, ["write"], held.pass);
  return held;
}

suite("While a claim is in progress,", () => {
  test("a removal is remembered: the handler continues undisturbed, and its result is dropped", async () => {
    const { gates, whys, method } = gated();
    await using opened = await openIdle([method]);
    const claim = opened.attempts.held.hold("claim", "answer");
    const operation = await opened.start(method);
    await claim.reached;
    await opened.engine.operations.delete(ANONYMOUS, nameOf(operation));
    claim.go();
    await opened.events.until("attempt.began");
    await settled();
    assert.equal(opened.left()["leases kept"], 0);
    gates[0]?.();
    await opened.events.until("attempt.ended");
    assert.deepEqual([opened.events.endings, opened.attempts.calls.complete, whys], [["dropped"], 0, []]);
  });

  test("a cancellation is remembered", async () => {
    const { gates, whys, method } = gated();
    await using opened = await openIdle([method]);
    const claim = opened.attempts.held.hold("claim", "answer");
    const operation = await opened.start(method);
    await claim.reached;
    await opened.engine.operations.cancel(ANONYMOUS, nameOf(operation));
    claim.go();
    await opened.events.until("attempt.aborted");
    assert.deepEqual(whys, ["1 cancelled"]);
    gates[0]?.();
  });

  test("no other is sent, and what became pending meanwhile is claimed right after it", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method]);
    const claim = opened.attempts.held.hold("claim", "answer");
    const first = await opened.start(method);
    await claim.reached;
    const { claim: claims } = opened.attempts.calls;
    const second = await opened.start(method);
    await settled();
    assert.equal(opened.attempts.calls.claim, claims);
    claim.go();
    await opened.events.until("attempt.began", 2);
    assert.equal(opened.clock.monotonic(), 0);
    const states = await Promise.all([first, second].map(async (each) => (await opened.read(each)).state));
    assert.deepEqual(states, ["RUNNING", "RUNNING"]);
    for (const gate of gates) gate();
  });

  test("an operation that is due sooner than the answer says is not forgotten", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method]);
    const { operations } = opened.engine;
    const start = (delayMs: number) => operations.start(ANONYMOUS, { method: "gated", request: {}, delayMs });
    await start(3_000);
    const claim = opened.attempts.held.hold("claim", "answer");
    await opened.start(method);
    await claim.reached;
    const soon = await start(1_000);
    claim.go();
    await opened.clock.advance(999);
    assert.equal((await opened.read(soon)).state, "PENDING");
    await opened.clock.advance(1);
    assert.equal((await opened.read(soon)).state, "RUNNING");
    await opened.clock.advance(2_000);
    assert.equal(gates.length, 3);
    for (const gate of gates) gate();
  });

  test("no start overtakes what it may bring, and none takes the slot that is held for it", async () => {
    const { gates, method } = gated();
    const other = gated("other");
    await using opened = await openIdle([method, other.method], { claimant: true, concurrency: 1 });
    const claim = opened.attempts.held.hold("claim", "call");
    await opened.engine.operations.start(ANONYMOUS, { method: "gated", request: {}, delayMs: 1_000 });
    await opened.clock.advance(1_000);
    await claim.reached;
    assert.equal((await opened.start(method)).state, "PENDING");
    assert.equal((await opened.start(other.method)).state, "PENDING");
    claim.go();
    await opened.events.until("attempt.began");
    assert.equal(opened.worker.running, 1);
    for (let each = 0; each < 3; each++) {
      await settled();
      for (const gate of [...gates, ...other.gates]) gate();
      await opened.events.until("attempt.ended", each + 1);
    }
  });

  test("no start goes before what it may bring, even if slots are free", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method], { claimant: true });
    const claim = opened.attempts.held.hold("claim", "call");
    await opened.engine.operations.start(ANONYMOUS, { method: "gated", request: {}, delayMs: 1_000 });
    await opened.clock.advance(1_000);
    await claim.reached;
    assert.equal((await opened.start(method)).state, "PENDING");
    claim.go();
    await opened.events.until("attempt.began", 2);
    await settled();
    for (const gate of gates) gate();
  });

  test("a stop waits for it, releases what it brings, and waits for that too", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method]);
    const claim = opened.attempts.held.hold("claim", "answer");
    const release = opened.attempts.held.hold("release", "call");
    const operation = await opened.start(method);
    await claim.reached;
    const stopped = opened.worker.stop({ drainMs: 1_000 });
    assert.equal(await isSettled(stopped), false);
    claim.go();
    await release.reached;
    assert.equal(await isSettled(stopped), false);
    release.go();
    await stopped;
    assert.deepEqual([opened.clock.monotonic(), opened.clock.pending], [0, 0]);
    assert.deepEqual([gates.length, (await opened.read(operation)).state], [0, "PENDING"]);
  });

  test("a stop waits only for the answer if nothing can be released", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method]);
    const claim = opened.attempts.held.hold("claim", "answer");
    const release = opened.attempts.held.hold("release", "call");
    await opened.start(method);
    await claim.reached;
    const stopped = opened.worker.stop({ drainMs: 1_000 });
    claim.go();
    await release.reached;
    release.lose(away());
    await stopped;
    assert.deepEqual([opened.clock.monotonic(), gates.length], [0, 0]);
    assert.equal(opened.logged.filter(({ level }) => level === "warn").length, 1);
  });

  test("a stop does not let a hint cause another claim", async () => {
    const { method } = gated();
    await using opened = await openIdle([method]);
    const claim = opened.attempts.held.hold("claim", "call");
    await opened.start(method);
    await claim.reached;
    const { claim: claims } = opened.attempts.calls;
    const stopped = opened.worker.stop({ drainMs: 1_000 });
    await opened.start(method);
    claim.lose(away());
    await stopped;
    await opened.clock.advance(10 * LIMITS.claimIntervalMs);
    assert.deepEqual([opened.attempts.calls.claim, opened.clock.pending], [claims, 0]);
  });
});

suite("A claim that fails", () => {
  test("returns its slots, whether or not it was executed", async () => {
    for (const moment of ["call", "answer"] as const) {
      const { gates, method } = gated();
      await using opened = await openIdle([method], { concurrency: 2 });
      const claim = opened.attempts.held.hold("claim", moment);
      await opened.start(method);
      await claim.reached;
      claim.lose(away());
      await opened.events.until("claim.failed");
      await opened.start(method);
      await opened.start(method);
      await opened.clock.advance(1_000);
      assert.deepEqual([moment, gates.length, opened.worker.running], [moment, 2, 2]);
      for (const gate of gates) gate();
      await opened.events.until("attempt.ended", 2);
      await settled();
      for (const gate of gates) gate();
    }
  });

  test("is retried after its pause, and not because of the next hint or backstop", async () => {
    const { method } = gated();
    await using opened = await openIdle([method]);
    const times: number[] = [];
    opened.attempts.fault = (verb) => {
      if (verb === "claim") times.push(opened.clock.monotonic());
      if (verb === "claim" && times.length <= 8) throw away();
    };
    for (let each = 0; each < 170; each++) {
      if (each < 60) await opened.start(method);
      await opened.clock.advance(100);
    }
    const pauses = times.slice(1, 9).map((time, index) => time - (times[index] ?? 0));
    for (const [index, pause] of pauses.entries())
      assert.ok(pause >= Math.min(50 * 2 ** index, 2_500), pauses.join());
  });
});

suite("While a start that reserved a slot is stored,", () => {
  test("its lease is trusted from before", async () => {
    const { gates, whys, method } = gated();
    await using opened = await openIdle([method], { claimant: true });
    withoutRenewals(opened);
    const insert = holdStore(opened).hold("insert", "answer");
    const starting = opened.start(method);
    await insert.reached;
    await opened.clock.advance(8_000);
    insert.go();
    assert.equal((await starting).state, "RUNNING");
    await opened.clock.advance(TRUST_MS - 8_000 - 1);
    assert.deepEqual([gates.length, whys], [1, []]);
    await opened.clock.advance(1);
    assert.deepEqual(whys, ["1 lease-lost"]);
    gates[0]?.();
  });

  test("a stop waits for it, and releases it unrun", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method], { claimant: true });
    const insert = holdStore(opened).hold("insert", "answer");
    const starting = opened.start(method);
    await insert.reached;
    const stopped = opened.worker.stop({ drainMs: 1_000 });
    assert.equal(await isSettled(stopped), false);
    insert.go();
    await stopped;
    assert.deepEqual([gates.length, (await opened.read(await starting)).state], [0, "PENDING"]);
    assert.deepEqual([opened.worker.running, opened.clock.monotonic()], [0, 0]);
  });

  test("the slot is returned if the store is unavailable, or has another operation with the request id", async () => {
    const { gates, method } = gated();
    await using opened = await openIdle([method], { claimant: true });
    const start = () =>
      opened.engine.operations.start(ANONYMOUS, { method: "gated", request: {}, requestId: "r" });
    const insert = holdStore(opened).hold("insert", "call");
    const starting = assert.rejects(start(), { reason: "STORE_UNAVAILABLE" });
    await insert.reached;
    assert.equal(opened.worker.running, 1);
    insert.lose(away());
    await starting;
    assert.equal(opened.worker.running, 0);
    const [first, second] = [await start(), await start()];
    assert.deepEqual([first.id === second.id, opened.worker.running], [true, 1]);
    await settled();
    assert.equal(gates.length, 1);
    gates[0]?.();
  });
});
