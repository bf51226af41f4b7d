import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { defineMethod } from "../core/method/method.ts";
import { EMPTY } from "../core/operation/payload.ts";
import type { LeaseNotice } from "../core/ports/lease-keeper.ts";
import { nameOf } from "../testing/an-operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { currentAttempt } from "./current-attempt.ts";
import { began, deadKeeper, steered, withoutHints, withoutRenewals } from "./steered.suite.ts";

const TRUST_MS = LIMITS.leaseMs - LIMITS.leaseMarginMs;
const away = (): Error => serviceError("STORE_UNAVAILABLE", "away");
const request = z.object({});

suite("The end of an attempt", () => {
  test("holds even if the deadline passes, or a cancellation comes, while it is being written", async () => {
    const handlers = steered({ deadline: "10s" });
    await using opened = await began(handlers);
    const report = opened.attempts.held.hold("report", "answer");
    handlers.contexts[0]?.report({ percent: 1 });
    await report.reached;
    handlers.gates[0]?.resolve();
    await settled();
    await opened.engine.operations.cancel(ANONYMOUS, nameOf(opened.operation));
    await opened.clock.advance(10_000);
    report.go();
    await opened.events.until("attempt.ended");
    assert.equal((await opened.read(opened.operation)).state, "SUCCEEDED");
    assert.deepEqual([opened.events.endings, handlers.whys], [["completed"], []]);
  });

  test("is refused if another writer has ended the operation meanwhile", async () => {
    const handlers = steered();
    await using opened = await began(handlers, withoutHints);
    const complete = opened.attempts.held.hold("complete", "call");
    handlers.gates[0]?.resolve();
    await complete.reached;
    const ended = await opened.engine.attempts.fail(await opened.read(opened.operation), {
      error: { code: "NOT_FOUND", message: "no", details: [] },
      exception: null,
      retryTime: null,
    });
    assert.notEqual(ended, "lost");
    complete.go();
    await opened.events.until("attempt.ended");
    assert.deepEqual(
      [opened.events.endings, (await opened.read(opened.operation)).state],
      [["refused"], "FAILED"],
    );
  });

  test("by another writer aborts the handler, and nothing of it is written", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    await opened.engine.attempts.complete(await opened.read(opened.operation), EMPTY);
    await settled();
    assert.deepEqual([handlers.whys, opened.left()["leases kept"]], [["1 lease-lost"], 0]);
    handlers.gates[0]?.reject(new Error("late"));
    await opened.events.until("attempt.ended");
    assert.deepEqual([opened.events.endings, opened.attempts.calls.fail], [["dropped"], 0]);
  });

  test("is retried after growing pauses, whether the store is unavailable or others keep winning", async () => {
    for (const reason of ["STORE_UNAVAILABLE", "CONTENTION"] as const) {
      const handlers = steered();
      await using opened = await began(handlers);
      const times: number[] = [];
      opened.attempts.fault = (verb) => {
        if (verb === "complete" && times.push(opened.clock.monotonic()) < 5) throw serviceError(reason, "no");
      };
      handlers.gates[0]?.resolve();
      await opened.clock.advance(10_000);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      assert.equal(pauses.length, 4);
      for (const [index, pause] of pauses.entries()) assert.ok(pause >= 50 * 2 ** index, pauses.join());
      assert.deepEqual(opened.events.endings, ["completed"]);
    }
  });

  test("that a bug keeps from being written is not retried, and its lease is released", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    opened.attempts.fault = (verb) => {
      if (verb === "complete") throw new TypeError("a bug");
    };
    handlers.gates[0]?.resolve();
    await opened.clock.advance(10_000);
    assert.deepEqual([opened.attempts.calls.complete, opened.events.endings], [1, ["dropped"]]);
    assert.deepEqual(
      [opened.logged.filter(({ level }) => level === "error").length, opened.left()["leases kept"]],
      [1, 0],
    );
  });

  test("that never gets an answer is left to its lease", async () => {
    const handlers = steered();
    await using opened = await began(handlers, withoutRenewals);
    const complete = opened.attempts.held.hold("complete", "call");
    handlers.gates[0]?.resolve();
    await complete.reached;
    await opened.clock.advance(TRUST_MS);
    assert.deepEqual([handlers.whys, opened.events.endings], [[], []]);
    complete.lose(away());
    await opened.clock.advance(1_000);
    assert.deepEqual([opened.attempts.calls.complete, opened.events.endings], [1, ["dropped"]]);
  });
});

suite("An attempt is aborted", () => {
  test("once, for the first reason: a response stands even if the deadline follows a cancellation", async () => {
    const handlers = steered({ deadline: "10s" });
    await using opened = await began(handlers);
    await opened.engine.operations.cancel(ANONYMOUS, nameOf(opened.operation));
    await opened.clock.advance(10_000);
    handlers.gates[0]?.resolve();
    await opened.events.until("attempt.ended");
    assert.deepEqual([handlers.whys, opened.events.count("attempt.aborted")], [["1 cancelled"], 1]);
    assert.equal((await opened.read(opened.operation)).state, "SUCCEEDED");
  });

  test("by a keeper that finds its operation gone, long before its trust ends", async () => {
    const handlers = steered();
    await using opened = await began(handlers, withoutHints);
    await opened.engine.operations.delete(ANONYMOUS, nameOf(opened.operation));
    await opened.clock.advance(LIMITS.leaseMs / 3 + 1);
    assert.deepEqual(handlers.whys, ["1 lease-lost"]);
    handlers.gates[0]?.resolve();
  });

  test("by news of its own lease, not of an earlier one", async () => {
    const handlers = steered({ retry: { attempts: 2, initialDelay: "100ms" } });
    const listeners: ((notice: LeaseNotice) => void)[] = [];
    await using opened = await began(handlers, ({ attempts }) => {
      Object.assign(attempts, { keeper: deadKeeper(listeners) });
    });
    const { id } = opened.operation;
    handlers.gates[0]?.reject(new Error("again"));
    await opened.clock.advance(1_000);
    for (const event of ["lost", "cancel-requested"] as const)
      for (const listener of listeners) listener({ lease: { id, attempt: 1 }, event });
    assert.deepEqual([handlers.contexts.length, handlers.whys], [2, []]);
    for (const listener of listeners) listener({ lease: { id, attempt: 2 }, event: "cancel-requested" });
    assert.deepEqual(handlers.whys, ["2 cancelled"]);
    handlers.gates[1]?.resolve();
  });

  test("by the deadline, at exactly its instant if the sweep sees it then", async () => {
    const handlers = steered({ deadline: "10s" });
    await using opened = await began(handlers);
    await opened.clock.advance(9_999);
    opened.clock.setWall(opened.clock.now() + 1);
    await opened.engine.sweep.round();
    assert.deepEqual(handlers.whys, ["1 deadline"]);
    assert.equal((await opened.read(opened.operation)).endTime, opened.operation.deadlineTime);
    handlers.gates[0]?.resolve();
  });

  test("with one line in the log when it loses its lease", async () => {
    const handlers = steered();
    await using opened = await began(handlers, withoutHints);
    await opened.engine.operations.delete(ANONYMOUS, nameOf(opened.operation));
    handlers.contexts[0]?.report({ percent: 1 });
    await opened.clock.advance(LIMITS.leaseMs);
    assert.equal(opened.logged.filter(({ level }) => level === "warn").length, 1);
    assert.equal(opened.left()["leases kept"], 0);
    handlers.gates[0]?.resolve();
  });
});

suite("A handler", () => {
  test("may end through code that it left behind elsewhere", async () => {
    const method = defineMethod({
      name: "steered",
      request,
      retry: { attempts: 1 },
      run: () => {
        queueMicrotask(() => currentAttempt()?.fail(new Error("stray")));
        return new Promise<void>(() => {});
      },
    });
    await using opened = await began({ method });
    await opened.events.until("attempt.ended");
    const { state, exception } = await opened.read(opened.operation);
    assert.equal(state, "FAILED");
    assert.match(exception ?? "", /stray/);
  });

  test("that fails on purpose is not in the log; one that fails unexpectedly is", async () => {
    for (const [error, lines] of [
      [new StatusError("NOT_FOUND", "No such disk."), 0],
      [new Error("no"), 1],
    ] as const) {
      const handlers = steered({ retry: { attempts: 1 } });
      await using opened = await began(handlers);
      handlers.gates[0]?.reject(error);
      await opened.events.until("attempt.ended");
      assert.equal(opened.logged.filter(({ level }) => level === "warn").length, lines);
    }
  });

  test("that was left behind gets no answer to its reports", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    const stopped = opened.worker.stop({ drainMs: 0 });
    await opened.clock.advance(LIMITS.drainAbortMs);
    await stopped;
    handlers.contexts[0]?.report({ state: "a field of the service" });
    assert.deepEqual(opened.events.endings, ["released"]);
  });
});
