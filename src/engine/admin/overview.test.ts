import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import type { ProcessReport } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { bucketOf } from "../../core/statistics/histogram.ts";
import { open, request } from "../packing.suite.ts";
import { NO_COUNTS } from "./counted.ts";
import { processRow } from "./facts.suite.ts";
import { adminOf, operator } from "./operators.suite.ts";

/** The counts of a process with four slots for `pack` in the current minute. */
function aReport(store: Store, counts: Partial<typeof NO_COUNTS>): ProcessReport {
  const now = store.time();
  const process = processRow({ startTime: now - 86_400_000, seenTime: now, running: 1 });
  const time = now - (now % 60_000);
  const failure = {
    hour: time - (time % 3_600_000),
    method: "pack",
    code: "INTERNAL",
    reason: "HANDLER_FAILED",
  };
  const times = { firstTime: now, lastTime: now, sample: "operations/x" };
  return {
    time,
    process,
    methods: new Map([["pack", { ...NO_COUNTS, ...counts }]]),
    failures: [{ ...failure, ...times, key: "k", text: "no disk ‹n›", count: 12 }],
  };
}

/** A store that counts its reads. */
function counting() {
  let asked = 0;
  const around = (store: Store): Store => {
    const counted = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, key) => {
          const value: unknown = Reflect.get(object, key, object);
          if (key === "statistics" || key === "resources") return counted(value as object);
          if (typeof value !== "function") return value;
          return (...given: unknown[]): unknown => {
            if (object !== store) asked++;
            return Reflect.apply(value, object, given);
          };
        },
      });
    return counted(store);
  };
  return { around, asked: () => asked };
}

describe("Admin.summary()", () => {
  it("has unfinished operations, counts, and what needs attention", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const run = new Map([[bucketOf(100), 3]]);
    await test.store.statistics.add(aReport(test.store, { started: 15, failed: 12, succeeded: 3, run }));
    await operations.start(ANONYMOUS, { method: "pack", request });
    await operations.start(ANONYMOUS, { method: "clean", request, delayMs: 60_000 });
    const admin = adminOf(test.engine);
    const summary = await admin.summary(operator(), "1h");
    assert.deepEqual([summary.live.waiting, summary.live.delayed, summary.live.running], [1, 1, 0]);
    assert.deepEqual([summary.ended.failed, summary.ended.succeeded, summary.ended.started], [12, 3, 15]);
    assert.equal(summary.series.length, 60);
    assert.equal(summary.series.at(-1)?.ended.failed, 12);
    assert.deepEqual(
      [summary.workers, summary.slots, summary.stale, summary.countedSince],
      [1, 4, false, null],
    );
    assert.deepEqual([summary.failures[0]?.count, summary.failures[0]?.text], [12, "no disk ‹n›"]);
    assert.deepEqual(
      summary.attention.map(({ rule, method, detail }) => [rule, method, detail]),
      [["failing", "pack", "INTERNAL, “no disk ‹n›”"]],
    );
    assert.deepEqual(
      summary.methods.map(({ method, slots, workers }) => [method, slots, workers]),
      [
        ["pack", 4, 1],
        ["clean", 0, 0],
      ],
    );
    assert.equal((await admin.summary(operator(), "7d")).ended.failed, 12);
  });

  it("costs the store the same for twenty pages as for one", async () => {
    const { around, asked } = counting();
    await using test = await open({ around });
    const admin = adminOf(test.engine);
    await admin.summary(operator(), "1h");
    const forOne = asked();
    assert.ok(forOne > 0 && forOne <= 10, `${forOne} statements`);
    await test.clock.advance(2_000);
    // Only the counts of the last day stay cached, for a minute.
    const before = asked();
    await Promise.all(Array.from({ length: 20 }, () => admin.summary(operator(), "1h")));
    await Promise.all(Array.from({ length: 20 }, () => admin.methods(operator(), "1h")));
    assert.ok(asked() - before <= forOne, `${asked() - before} statements for forty, ${forOne} for one`);
  });

  it("accepts the existing ranges, and no others", async () => {
    await using test = await open();
    const admin = adminOf(test.engine);
    await assert.rejects(admin.summary(operator(), "2h"), { reason: "RANGE_INVALID" });
    await assert.rejects(admin.failures(operator(), { range: "x", method: "" }), { reason: "RANGE_INVALID" });
  });
});

describe("Admin.method()", () => {
  it("has the declaration of a method, and only its own counts", async () => {
    await using test = await open();
    const run = new Map([[bucketOf(100), 3]]);
    await test.store.statistics.add(aReport(test.store, { succeeded: 3, run }));
    const admin = adminOf(test.engine);
    const {
      state,
      requestSchema,
      series,
      run: histogram,
      failures,
    } = await admin.method(operator(), "pack", "");
    assert.deepEqual([state.declared, state.ended?.succeeded, state.slots], [true, 3, 4]);
    assert.equal(requestSchema?.["type"], "object");
    assert.equal(series.at(-1)?.ended.succeeded, 3);
    assert.deepEqual(histogram.counts, [3]);
    assert.equal(failures.length, 1);
    const clean = await admin.method(operator(), "clean", "15m");
    assert.deepEqual([clean.state.ended?.succeeded, clean.series.length, clean.failures], [0, 15, []]);
    await assert.rejects(admin.method(operator(), "unknown", ""), { reason: "METHOD_NOT_FOUND" });
  });

  it("shows an operator of some collections the declaration, and no counts", async () => {
    await using test = await open();
    await test.store.statistics.add(aReport(test.store, { succeeded: 3 }));
    const admin = adminOf(test.engine);
    const scoped = operator("full", "projects/a");
    const { methods } = await admin.methods(scoped, "");
    assert.deepEqual(
      methods.map(({ method, live, ended }) => [method, live, ended]),
      [
        ["clean", null, null],
        ["pack", null, null],
      ],
    );
    const { state, series, failures } = await admin.method(scoped, "pack", "");
    assert.deepEqual([state.ended, series, failures], [null, [], []]);
    await assert.rejects(admin.summary(scoped, ""), { reason: "ADMIN_COLLECTION_REFUSED" });
    await assert.rejects(admin.workers(scoped), { reason: "ADMIN_COLLECTION_REFUSED" });
  });
});

describe("Admin.pause()", () => {
  it("pauses a known method, shows that at once, and ends the pause", async () => {
    await using test = await open();
    const admin = adminOf(test.engine);
    await admin.summary(operator(), "1h");
    const paused = await admin.pause(operator(), "pack");
    assert.equal(paused.pauseTime, test.store.time());
    assert.equal(
      (await admin.pause(operator(), "pack")).pauseTime,
      test.store.time(),
      "once more is the same",
    );
    const { methods } = await admin.summary(operator(), "1h");
    assert.equal(methods.find(({ method }) => method === "pack")?.pauseTime, test.store.time());
    assert.equal((await admin.resume(operator(), "pack")).pauseTime, null);
    await assert.rejects(admin.pause(operator(), "unknown"), { reason: "METHOD_NOT_FOUND" });
    await assert.rejects(admin.pause(operator(["cancel"]), "pack"), { reason: "ADMIN_READ_ONLY" });
    await assert.rejects(admin.pause(operator("full", "projects/a"), "pack"), {
      reason: "ADMIN_COLLECTION_REFUSED",
    });
  });
});
