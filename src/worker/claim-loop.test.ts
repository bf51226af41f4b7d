import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { defineMethod } from "../core/method/method.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const request = z.object({});

/** A method whose handlers end when the test says so. */
function gated(options: { readonly name?: string; readonly concurrency?: number } = {}) {
  const gates: (() => void)[] = [];
  const { name = "gated", ...rest } = options;
  const run = (): Promise<void> => new Promise((resolve) => void gates.push(resolve));
  return { gates, method: defineMethod({ name, request, run, ...rest }) };
}

function instant(name = "instant") {
  return defineMethod({ name, request, run: () => {} });
}

suite("ClaimLoop", () => {
  test("an idle loop has one claim for each backstop interval, one timer, and nothing else", async () => {
    await using opened = await openTestWorker([instant()]);
    const { worker, clock, attempts, events } = opened;
    const timers = clock.pending;
    worker.start();
    await events.until("claim.answered");
    await settled();
    assert.equal(clock.pending, timers + 1);
    await clock.advance(LIMITS.claimIntervalMs * 100);
    assert.ok(
      attempts.calls.claim >= 100 && attempts.calls.claim <= 100 / 0.75 + 2,
      String(attempts.calls.claim),
    );
    assert.equal(clock.pending, timers + 1);
  });

  test("a start is claimed at once, because of its hint", async () => {
    await using opened = await openTestWorker([instant()]);
    opened.worker.start();
    await opened.events.until("claim.answered");
    const operation = await opened.start(instant());
    await opened.events.until("attempt.ended");
    assert.equal((await opened.read(operation)).state, "SUCCEEDED");
    assert.equal(opened.clock.monotonic(), 0);
  });

  test("operations that were pending before the worker started are claimed, as many at once as there are slots", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method], { concurrency: 10 });
    for (let each = 0; each < 25; each++) await opened.start(method);
    opened.worker.start();
    await opened.events.until("attempt.began", 10);
    await settled();
    assert.deepEqual([opened.worker.running, opened.attempts.calls.claim], [10, 1]);
    for (let each = 0; each < 25; each++) {
      gates[each]?.();
      await settled();
    }
    await opened.events.until("attempt.ended", 25);
    assert.equal(opened.events.count("attempt.began"), 25);
  });

  test("a hint without a free slot is passed on, and one with a free slot is not", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method], { concurrency: 2, leaseMs: 3_600_000 });
    const { attempts, events, worker } = opened;
    worker.start();
    for (let each = 0; each < 2; each++) await opened.start(method);
    await events.until("attempt.began", 2);
    await settled();
    // The claim that took the last slot may have left work of which nobody was notified.
    attempts.handedOn.length = 0;
    await opened.start(method);
    assert.deepEqual(attempts.handedOn, ["gated"]);
    await opened.start(method);
    assert.deepEqual(attempts.handedOn, ["gated", "gated"], "each, since somebody else may have room by now");
    gates[0]?.();
    await events.until("attempt.began", 3);
    await settled();
    for (const gate of gates) gate();
    await events.until("attempt.began", 4);
    await settled();
    for (const gate of gates) gate();
  });

  test("a hint during a claim is passed on if the claim leaves no room", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method], { concurrency: 1, leaseMs: 3_600_000 });
    const { attempts, events, worker } = opened;
    worker.start();
    await events.until("claim.answered");
    await settled();
    const held = attempts.held.hold("claim", "answer");
    await opened.start(method);
    await held.reached;
    await opened.start(method);
    assert.deepEqual(attempts.handedOn, []);
    held.go();
    await events.until("attempt.began");
    await settled();
    assert.deepEqual(attempts.handedOn, ["gated"]);
    gates[0]?.();
    await events.until("attempt.began", 2);
    for (const gate of gates) gate();
  });

  test("hints that arrive while a worker stops are passed on", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method]);
    opened.worker.start();
    await opened.start(method);
    await opened.events.until("attempt.began");
    const stopped = opened.worker.stop();
    await settled();
    await opened.start(method);
    assert.deepEqual(opened.attempts.handedOn, ["gated"]);
    gates[0]?.();
    await stopped;
  });

  test("a worker without a free slot does not ask", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method], { concurrency: 2, leaseMs: 3_600_000 });
    opened.worker.start();
    for (let each = 0; each < 5; each++) await opened.start(method);
    await opened.events.until("attempt.began", 2);
    await settled();
    const { claim } = opened.attempts.calls;
    await opened.clock.advance(LIMITS.claimIntervalMs * 10);
    assert.equal(opened.attempts.calls.claim, claim);
    gates[0]?.();
    await opened.events.until("attempt.began", 3);
    for (const gate of gates) gate();
  });

  test("a method at its own limit leaves room for others", async () => {
    const narrow = gated({ name: "narrow", concurrency: 1 });
    const wide = gated({ name: "wide" });
    await using opened = await openTestWorker([narrow.method, wide.method], { concurrency: 3 });
    opened.worker.start();
    for (let each = 0; each < 3; each++) await opened.start(narrow.method);
    for (let each = 0; each < 3; each++) await opened.start(wide.method);
    await opened.events.until("attempt.began", 3);
    await settled();
    assert.deepEqual([narrow.gates.length, wide.gates.length], [1, 2]);
    narrow.gates[0]?.();
    await opened.events.until("attempt.began", 4);
    await settled();
    assert.deepEqual([narrow.gates.length, wide.gates.length], [2, 2]);
    for (const gate of [...narrow.gates, ...wide.gates]) gate();
  });

  test("the highest priority is claimed first, and a delayed operation when its time has come", async () => {
    const { gates, method } = gated();
    await using opened = await openTestWorker([method], { concurrency: 1, claimant: true });
    const { operations } = opened.engine;
    const start = (priority: number, delayMs = 0) =>
      operations.start(ANONYMOUS, { method: method.name, request: {}, priority, delayMs });
    const [low, late, high] = [await start(0), await start(9, 1_000), await start(5)];
    const states = () => Promise.all([low, late, high].map(async (each) => (await opened.read(each)).state));
    opened.worker.start();
    await opened.events.until("attempt.began", 1);
    assert.deepEqual(await states(), ["PENDING", "PENDING", "RUNNING"]);
    await opened.clock.advance(1_000);
    gates[0]?.();
    await opened.events.until("attempt.began", 2);
    await settled();
    assert.deepEqual(await states(), ["PENDING", "RUNNING", "SUCCEEDED"]);
    gates[1]?.();
    await opened.events.until("attempt.began", 3);
    await settled();
    gates[2]?.();
    await opened.events.until("attempt.ended", 3);
  });

  test("a start is not given to the worker directly while it is delayed or limited, or work of another method may wait", async () => {
    const { gates, method } = gated();
    const limited = defineMethod({ name: "limited", request, parallel: { when: "queue" }, run: () => {} });
    const other = instant("other");
    await using opened = await openTestWorker([method, limited, other], { concurrency: 2, claimant: true });
    const { operations } = opened.engine;
    const start = (name: string, delayMs = 0) =>
      operations.start(ANONYMOUS, { method: name, request: {}, delayMs });
    opened.worker.start();
    await opened.events.until("claim.answered");
    await settled();
    assert.equal((await start("gated")).state, "RUNNING");
    assert.deepEqual((await start("gated", 60_000)).state, "PENDING");
    assert.equal((await start("limited")).state, "PENDING");
    await opened.events.until("attempt.ended", 1);
    await settled();
    opened.attempts.fault = (verb) => {
      if (verb === "claim") throw serviceError("STORE_UNAVAILABLE", "away");
    };
    assert.equal((await start("limited")).state, "PENDING");
    await settled();
    assert.equal((await start("other")).state, "PENDING");
    opened.attempts.fault = () => {};
    for (const gate of gates) gate();
  });

  test("a failed attempt is claimed again when it becomes available, without waiting for the backstop", async () => {
    const times: number[] = [];
    const method = defineMethod({
      name: "flaky",
      request,
      retry: { attempts: 4, initialDelay: "100ms" },
      run: () => {
        times.push(opened.clock.monotonic());
        if (times.length < 4) throw new Error("not yet");
      },
    });
    await using opened = await openTestWorker([method]);
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.clock.advance(800);
    const { state, attempt, failedAttempts } = await opened.read(operation);
    assert.deepEqual(
      { state, attempt, failedAttempts },
      { state: "SUCCEEDED", attempt: 4, failedAttempts: 3 },
    );
    const delays = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, delay] of delays.entries()) {
      assert.ok(delay >= 50 * 2 ** index && delay <= 102 * 2 ** index, String(delays));
    }
  });

  test("an outage is logged once, and claims are retried with growing pauses until work arrives", async () => {
    await using opened = await openTestWorker([instant()]);
    const { attempts, clock, logged, events } = opened;
    const tries: number[] = [];
    attempts.fault = (verb) => {
      if (verb !== "claim") return;
      tries.push(clock.monotonic());
      throw serviceError("STORE_UNAVAILABLE", "away");
    };
    opened.worker.start();
    for (let each = 0; each < 10; each++) await opened.start(instant());
    await clock.advance(60_000);
    assert.ok(tries.length > 10 && tries.length < 35, String(tries.length));
    assert.deepEqual(
      logged.filter(({ level }) => level === "warn").map(({ message }) => message),
      ["claims are not answered; trying again until they are"],
    );
    attempts.fault = () => {};
    await clock.advance(5_000);
    assert.equal(events.count("attempt.ended"), 10);
    assert.equal(logged.at(-1)?.message, "claims are answered again");
  });

  test("a due operation that is not returned does not make it spin", async () => {
    await using opened = await openTestWorker([instant()]);
    const { attempts, clock } = opened;
    let claims = 0;
    attempts.claim = () => {
      claims++;
      return Promise.resolve({ operations: [], nextTime: 0 });
    };
    opened.worker.start();
    await clock.advance(10_000);
    assert.ok(claims <= 101, String(claims));
  });

  test("slots that one commit frees are requested in one claim", async () => {
    await using opened = await openTestWorker([instant()], { concurrency: 10 });
    for (let each = 0; each < 40; each++) await opened.start(instant());
    opened.worker.start();
    await opened.events.until("attempt.ended", 40);
    assert.ok(opened.attempts.calls.claim <= 8, String(opened.attempts.calls.claim));
  });

  test("a worker without methods sends no claims", async () => {
    await using opened = await openTestWorker([]);
    opened.worker.start();
    await opened.clock.advance(60_000);
    assert.equal(opened.attempts.calls.claim, 0);
  });
});
