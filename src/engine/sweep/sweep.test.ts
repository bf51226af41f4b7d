import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { defineMethod } from "../../core/method/method.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { EMPTY } from "../../core/operation/payload.ts";
import type { Store } from "../../core/ports/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { openTestEngine, type TestEngine } from "../../testing/test-engine.ts";

const pack = defineMethod({
  name: "pack",
  request: z.object({}),
  retry: { attempts: 2, initialDelay: "10s", maxDelay: "10s" },
  deadline: "1h",
  timeToLive: { default: "1d" },
  run: () => {},
});

async function start(test: TestEngine): Promise<string> {
  return formatName(await test.engine.operations.start(ANONYMOUS, { method: "pack", request: {} }));
}

async function claim(test: TestEngine): Promise<Operation | undefined> {
  const wanted = [{ method: "pack", limit: 1 }];
  return (await test.engine.attempts.claim({ worker: "w", leaseMs: 30_000, limit: 1, wanted })).operations[0];
}

describe("Sweep.round()", () => {
  it("ends an attempt whose lease has expired: another follows after the method's delay, until none are left", async () => {
    await using test = await openTestEngine([pack]);
    const name = await start(test);
    await claim(test);
    await test.clock.advance(29_999);
    await test.engine.sweep.round();
    assert.equal((await test.engine.operations.get(ANONYMOUS, name)).state, "RUNNING");
    await test.clock.advance(1);
    await test.engine.sweep.round();
    const again = await test.engine.operations.get(ANONYMOUS, name);
    assert.equal(again.state, "PENDING");
    const delay = again.availableTime - test.clock.now();
    assert.ok(delay >= 5_000 && delay <= 10_000, String(delay));
    assert.equal(await claim(test), undefined);
    await test.clock.advance(10_000);
    assert.equal((await claim(test))?.attempt, 2);
    await test.clock.advance(30_000);
    await test.engine.sweep.round();
    const failed = await test.engine.operations.get(ANONYMOUS, name);
    assert.equal(failed.state, "FAILED");
    assert.equal(failed.error?.details[0]?.["reason"], "WORKER_LOST");
  });

  it("refuses the late outcome of an attempt that another one has replaced, and nothing changes", async () => {
    await using test = await openTestEngine([pack]);
    const name = await start(test);
    const first = await claim(test);
    await test.clock.advance(30_000);
    await test.engine.sweep.round();
    await test.clock.advance(10_000);
    const second = await claim(test);
    assert.ok(first && second);
    assert.equal(await test.engine.attempts.complete(first, EMPTY), "lost");
    assert.notEqual(await test.engine.attempts.complete(second, { type: EMPTY.type, json: "{}" }), "lost");
    const done = await test.engine.operations.get(ANONYMOUS, name);
    const failure = {
      error: { code: "INTERNAL", message: "late", details: [] },
      exception: null,
      retryTime: null,
    } as const;
    for (const late of [
      test.engine.attempts.complete(first, EMPTY),
      test.engine.attempts.fail(first, failure),
      test.engine.attempts.release(first),
    ]) {
      assert.equal(await late, "lost");
    }
    assert.deepEqual(await test.engine.operations.get(ANONYMOUS, name), done);
  });

  it("leaves a lease alone that is renewed between its read and its write", async () => {
    await using test = await openTestEngine([pack]);
    const name = await start(test);
    const claimed = await claim(test);
    assert.ok(claimed);
    await test.clock.advance(29_999);
    const due = test.store.due.bind(test.store);
    const read = test.store.read.bind(test.store);
    // The result of a look before the renewal.
    test.store.due = async (query) => (query.by === "lease" ? { ids: [claimed.id], next: null } : due(query));
    test.store.read = async (id) => {
      const found = await read(id);
      test.store.read = read;
      await test.store.write({ verb: "renew", id: claimed.id, attempt: 1, leaseMs: 30_000, metadata: null });
      await test.clock.advance(1);
      return found;
    };
    await test.engine.sweep.round();
    assert.equal((await test.engine.operations.get(ANONYMOUS, name)).state, "RUNNING");
  });

  it("fails pending and running operations past their deadline", async () => {
    await using test = await openTestEngine([pack]);
    const running = await start(test);
    await claim(test);
    const pending = await start(test);
    await test.clock.advance(3_600_000);
    await test.engine.sweep.round();
    for (const name of [running, pending]) {
      assert.equal((await test.engine.operations.get(ANONYMOUS, name)).error?.code, "DEADLINE_EXCEEDED");
    }
  });

  it("removes finished operations when their time to live is over, a limited number at a time", async () => {
    await using test = await openTestEngine([pack]);
    const names = await Promise.all(Array.from({ length: LIMITS.sweepBatch + 1 }, () => start(test)));
    const kept = names.pop() ?? "";
    for (const name of names) await test.engine.operations.cancel(ANONYMOUS, name);
    const more = await start(test);
    await test.engine.operations.cancel(ANONYMOUS, more);
    await test.clock.advance(86_399_999);
    await test.engine.sweep.round();
    assert.equal((await test.engine.operations.get(ANONYMOUS, more)).state, "CANCELLED");
    await test.clock.advance(1);
    await test.engine.sweep.round();
    assert.equal((await test.engine.operations.get(ANONYMOUS, more)).state, "CANCELLED");
    await test.engine.sweep.round();
    await assert.rejects(test.engine.operations.get(ANONYMOUS, more), { code: "NOT_FOUND" });
    assert.equal((await test.engine.operations.get(ANONYMOUS, kept)).error?.code, "DEADLINE_EXCEEDED");
  });
});

describe("Sweep", () => {
  it("runs by itself once started, and not after it was stopped", async () => {
    await using test = await openTestEngine([{ ...pack, deadlineMs: 10_000 }]);
    const name = await start(test);
    test.engine.start();
    await test.clock.advance(10_000 + LIMITS.sweepIntervalMs);
    assert.equal((await test.engine.operations.get(ANONYMOUS, name)).state, "FAILED");
    await test.engine.stop();
    assert.equal(test.clock.pending, 0);
  });

  it("reads more rarely if reads are costly, at common instants, and soon again when they are cheap", async () => {
    const clock = new ManualClock();
    const looks: Record<string, number[]> = { lease: [], deadline: [], untaken: [] };
    /** Takes the next of these times. */
    const take = async (by: string, costs: readonly number[]): Promise<void> => {
      const costMs = costs[looks[by]?.length ?? 0] ?? 0;
      looks[by]?.push(clock.monotonic());
      if (costMs > 0) await new Promise<void>((resolve) => void clock.after(costMs, resolve));
    };
    const around = (store: Store): Store => {
      const due = store.due.bind(store);
      store.due = async (query) => {
        await take(query.by, query.by === "lease" ? [5_000, 50, 120, 5_000, 5_000, 5_000, 5_000] : []);
        return due(query);
      };
      const neighbours = { isTurn: () => true, look: () => take("untaken", [51, 201]) };
      return Object.assign(store, { neighbours });
    };
    await using test = await openTestEngine([pack], { clock, around });
    test.engine.start();
    await clock.advance(62_000);
    assert.deepEqual(looks["lease"]?.slice(0, 8), [0, 7_000, 8_000, 10_000, 19_000, 32_000, 47_000, 62_000]);
    assert.deepEqual(looks["deadline"]?.slice(0, 3), [0, 1_000, 2_000], "the others go on");
    assert.deepEqual(looks["untaken"]?.slice(0, 4), [0, 2_000, 6_000, 7_000]);
  });

  it("gets its turn after a rest, however long its turns and rests are", async () => {
    const clock = new ManualClock();
    const looks: number[] = [];
    const around = (store: Store): Store => {
      const due = store.due.bind(store);
      store.due = async (query) => {
        if (query.by === "deadline") return due(query);
        looks.push(clock.monotonic());
        if (looks.length === 1) await new Promise<void>((resolve) => void clock.after(1_500, resolve));
        return due(query);
      };
      return Object.assign(store, { neighbours: { isTurn: () => (clock.monotonic() / 1_000) % 2 === 0 } });
    };
    await using test = await openTestEngine([pack], { clock, around });
    test.engine.start();
    await clock.advance(8_000);
    assert.deepEqual(looks, [0, 4_000, 6_000, 8_000]);
  });
});
