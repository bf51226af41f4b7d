import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { silence } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import { HeldCalls, passing } from "../testing/held-calls.suite.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import type { WaitingConnection } from "../core/ports/abort.ts";
import { callsOf } from "./calls.suite.ts";
import { openWithHints } from "./waiting/hints.suite.ts";
import { finish, open, request } from "./packing.suite.ts";
import { WaiterPolls } from "./waiting/waiter-polls.ts";
import { Waiters } from "./waiting/waiters.ts";

/** Waits at their limits, over connections, and during reads. */

/** A caller with a connection, and a record of the requests to it. */
function aCaller(): WaitingConnection & { readonly asked: string[]; room: Promise<void> } {
  const asked: string[] = [];
  const { signal } = new AbortController();
  return {
    asked,
    room: Promise.resolve(),
    connection: {},
    aborted: false,
    addEventListener: (type, listener) => signal.addEventListener(type, listener),
    removeEventListener: (type, listener) => signal.removeEventListener(type, listener),
    stepAside: () => void asked.push("aside"),
    stepBack() {
      asked.push("back");
      return this.room;
    },
  };
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  void promise.finally(() => (is = true)).catch(() => {});
  await settled();
  return is;
}

suite("A wait", () => {
  for (const [asked, waited] of [
    [undefined, LIMITS.waitMsDefault],
    [1, 1],
    [LIMITS.waitMsMax, LIMITS.waitMsMax],
    [LIMITS.waitMsMax + 1, LIMITS.waitMsMax],
    [Number.POSITIVE_INFINITY, LIMITS.waitMsMax],
  ] as const) {
    test(`of ${asked ?? "no"} milliseconds takes ${waited}`, async () => {
      await using opened = await open();
      const name = formatName(await callsOf(opened.engine).start({ method: "pack", request }));
      const waiting = callsOf(opened.engine).wait(name, { timeoutMs: asked });
      // A waiter shares its bucket of 10 ms with others.
      await opened.clock.advance(Math.max(0, waited - 10));
      assert.equal(await isSettled(waiting), waited < 10);
      await opened.clock.advance(10);
      assert.equal((await waiting).state, "PENDING");
    });
  }

  for (const timeoutMs of [0, -1]) {
    test(`of ${timeoutMs} milliseconds is a read`, async () => {
      await using opened = await open();
      const name = formatName(await callsOf(opened.engine).start({ method: "pack", request }));
      assert.equal((await callsOf(opened.engine).wait(name, { timeoutMs })).state, "PENDING");
      assert.equal(opened.clock.monotonic(), 0);
    });
  }

  test("does not miss an end that comes while it reads for the first time, and answers once", async () => {
    for (const moment of ["call", "answer"] as const) {
      await using opened = await open();
      const operations = callsOf(opened.engine);
      const started = await operations.start({ method: "pack", parent: "projects/p", request });
      const held = new HeldCalls();
      passing(opened.store, ["read"], held.pass);
      const read = held.hold("read", moment);
      const waiting = operations.wait(formatName(started));
      await opened.clock.advance(100);
      await finish(opened, started);
      read.go();
      assert.equal((await waiting).state, "SUCCEEDED");
      assert.equal(opened.clock.monotonic(), 100);
      assert.equal(opened.engine.operations.waiting, 0);
    }
  });

  test("of an operation that is removed, finished or under another parent leaves its seat", async () => {
    await using opened = await open();
    const operations = callsOf(opened.engine);
    const started = await operations.start({ method: "pack", request });
    await assert.rejects(operations.wait(`projects/p/${formatName(started)}`), {
      reason: "OPERATION_NOT_FOUND",
    });
    await finish(opened, started);
    assert.equal((await operations.wait(formatName(started))).state, "SUCCEEDED");
    await operations.delete(formatName(started));
    await assert.rejects(operations.wait(formatName(started)), { reason: "OPERATION_NOT_FOUND" });
    assert.deepEqual([opened.engine.operations.waiting, opened.clock.pending], [0, 0]);
  });
});

suite("A wait over a connection", () => {
  test("steps aside each time it waits, and reads only after it has stepped back", async () => {
    await using opened = await openWithHints();
    const operations = callsOf(opened.engine);
    const started = await operations.start({ method: "pack", request });
    const caller = aCaller();
    const waiting = operations.waitOver(formatName(started), caller);
    await settled();
    opened.hint(started.id, "CANCELLED");
    await settled();
    assert.deepEqual(caller.asked, ["aside", "back", "aside"]);
    const room = Promise.withResolvers<void>();
    caller.room = room.promise;
    await finish(opened, started);
    const reads = opened.reads.length;
    assert.equal(await isSettled(waiting), false);
    assert.equal(opened.reads.length, reads);
    room.resolve();
    assert.equal((await waiting).state, "SUCCEEDED");
    assert.deepEqual(caller.asked, ["aside", "back", "aside", "back"]);
  });

  test("is rejected if its caller is gone when there is room again", async () => {
    await using opened = await open();
    const operations = callsOf(opened.engine);
    const started = await operations.start({ method: "pack", request });
    const caller = aCaller();
    const waiting = assert.rejects(operations.waitOver(formatName(started), caller), /gone/);
    await settled();
    const room = Promise.withResolvers<void>();
    caller.room = room.promise;
    await finish(opened, started);
    room.reject(new Error("gone"));
    await waiting;
  });
});

suite("Waiters", () => {
  test("have one timer, at the first bucket, in whatever order they came", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock, tell: silence });
    const [late, soon] = [waiters.enter("late", 10_000), waiters.enter("soon", 1_000)];
    assert.equal(clock.pending, 1);
    await clock.advance(1_000);
    assert.equal(await isSettled(soon.released), true);
    assert.equal(await isSettled(late.released), false);
    late.leave();
    assert.equal(clock.pending, 0);
  });

  test("are released bucket by bucket, the nearest first", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock, tell: silence });
    const tickets = [100, 3_000, 1_000, 2_000].map((ms) => waiters.enter("a", ms));
    const counts: number[] = [];
    for (const ms of [100, 900, 1_000, 1_000]) {
      await clock.advance(ms);
      counts.push(waiters.count);
    }
    assert.deepEqual([counts, clock.pending], [[3, 2, 1, 0], 0]);
    await Promise.all(tickets.map(({ released }) => released));
  });

  test("leave nothing in the bucket of a waiter that left early", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock, tell: silence });
    const early = waiters.enter("early", 10_000);
    waiters.enter("rings", 100);
    early.leave();
    await clock.advance(100);
    assert.deepEqual([waiters.count, clock.pending], [0, 0]);
  });
});

suite("A stop of the polls for waiters", () => {
  test("waits for the poll in progress, which reads no further batch", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock, tell: silence });
    const count = LIMITS.writeBatchMax + 1;
    for (let each = 0; each < count; each++) waiters.enter(String(each), 60_000);
    const looks: number[] = [];
    const answer = Promise.withResolvers<readonly string[]>();
    const over = (ids: readonly string[]) => (looks.push(ids.length), answer.promise);
    const polls = new WaiterPolls({ store: { pollMs: 1_000, over }, waiters, clock });
    polls.start();
    await clock.advance(1_000);
    const stopped = polls.stop();
    assert.equal(await isSettled(stopped), false);
    answer.resolve([]);
    await stopped;
    waiters.stop();
    await clock.advance(10_000);
    assert.deepEqual([looks, clock.pending], [[LIMITS.writeBatchMax], 0]);
  });
});
