import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { AttemptAborted, type Context, defineMethod, type MethodOptions } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const request = z.object({});

/** The parts of a context that these tests use. */
interface Given extends Pick<Context, "signal" | "attempt"> {
  readonly report: (metadata: Readonly<Record<string, unknown>>) => void;
}

type Run = (given: Given) => Promise<void> | void;

function aMethod(run: Run, options: Partial<MethodOptions<typeof request, undefined, undefined>> = {}) {
  return defineMethod({
    name: "work",
    request,
    retry: { attempts: 1 },
    ...options,
    run: (_, context) =>
      run({
        signal: context.signal,
        attempt: context.attempt,
        report: (metadata) => context.report(metadata),
      }),
  });
}

/** Resolves or rejects as soon as the signal aborts. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
}

/**
 * Starts one operation of the method, runs `then` once its handler runs, and returns the final
 * record.
 */
async function live(
  method: ReturnType<typeof aMethod>,
  then: (test: Awaited<ReturnType<typeof openTestWorker>>, name: string) => Promise<void> = async () => {},
) {
  await using opened = await openTestWorker([method]);
  opened.worker.start();
  const operation = await opened.start(method);
  await opened.events.until("attempt.began");
  await settled();
  await then(opened, formatName(operation));
  await opened.events.until("attempt.ended");
  const { events, attempts, logged } = opened;
  return { ...(await opened.read(operation)), events, calls: attempts.calls, logged };
}

suite("Attempt", () => {
  test("the last report is in the finished operation, and needs no write of its own", async () => {
    const method = aMethod(({ report }) => {
      for (let percent = 0; percent <= 100; percent++) report({ percent });
    });
    const ended = await live(method);
    assert.equal(ended.metadata?.json, '{"percent":100}');
    assert.deepEqual([ended.calls.report, ended.calls.complete], [1, 1]);
  });

  test("the last report survives a concurrent cancellation", async () => {
    const method = aMethod(async ({ signal, report }) => {
      report({ step: "working" });
      await untilAborted(signal).catch(() => {});
      report({ step: "cleaning up" });
      signal.throwIfAborted();
    });
    const ended = await live(method, ({ engine }, name) => engine.operations.cancel(ANONYMOUS, name));
    assert.deepEqual([ended.state, ended.metadata?.json], ["CANCELLED", '{"step":"cleaning up"}']);
  });

  test("an invalid report fails the attempt with a TypeError", async () => {
    const ended = await live(aMethod(({ report }) => report({ state: "mine" })));
    assert.match(ended.exception ?? "", /TypeError: .*"state" is filled by the service/);
  });

  test("a cancellation aborts the signal once, and the abort error becomes CANCELLED without an exception", async () => {
    const reasons: unknown[] = [];
    const method = aMethod(({ signal }) => {
      signal.addEventListener("abort", () => reasons.push((signal.reason as AttemptAborted).why));
      return untilAborted(signal);
    });
    const ended = await live(method, async ({ engine }, name) => {
      await engine.operations.cancel(ANONYMOUS, name);
      await engine.operations.cancel(ANONYMOUS, name);
    });
    assert.deepEqual([ended.state, ended.exception, reasons], ["CANCELLED", null, ["cancelled"]]);
  });

  test("a handler that finishes despite a cancellation has its result", async () => {
    const method = aMethod(({ signal }) => untilAborted(signal).catch(() => {}));
    const ended = await live(method, ({ engine }, name) => engine.operations.cancel(ANONYMOUS, name));
    assert.equal(ended.state, "SUCCEEDED");
  });

  test("the next renewal reveals a cancellation whose hint was lost", async () => {
    const method = aMethod(({ signal }) => untilAborted(signal));
    await using opened = await openTestWorker([method]);
    const { watch } = opened.attempts;
    // All hints except those of pending work are lost.
    opened.attempts.watch = (listener) =>
      watch((changes) => listener(changes.filter(({ state }) => state === "PENDING")));
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.events.until("attempt.began");
    await opened.engine.operations.cancel(ANONYMOUS, formatName(operation));
    await opened.clock.advance(LIMITS.leaseMs / 3 + 1);
    await opened.events.until("attempt.ended");
    assert.equal((await opened.read(operation)).state, "CANCELLED");
  });

  test("deleting does not abort the handler; its result is dropped", async () => {
    const gate = Promise.withResolvers<void>();
    let aborted: boolean | undefined;
    const method = aMethod(async ({ signal, report }) => {
      await gate.promise;
      report({ percent: 50 });
      aborted = signal.aborted;
    });
    const ended = await live(method, async ({ engine, clock }, name) => {
      await engine.operations.delete(ANONYMOUS, name);
      await clock.advance(LIMITS.leaseMs * 3);
      gate.resolve();
    });
    assert.equal(aborted, false);
    assert.deepEqual(ended.events.endings, ["dropped"]);
    assert.equal(ended.calls.complete, 0);
    assert.equal(
      ended.logged.some(({ level }) => level === "warn" || level === "error"),
      false,
    );
  });

  test("a long handler keeps its lease", async () => {
    const gate = Promise.withResolvers<void>();
    const ended = await live(
      aMethod(() => gate.promise),
      async ({ clock, engine }) => {
        for (let minute = 0; minute < 10; minute++) {
          await clock.advance(60_000);
          await engine.sweep.round();
        }
        gate.resolve();
      },
    );
    assert.deepEqual([ended.state, ended.attempt], ["SUCCEEDED", 1]);
  });

  test("the deadline aborts the signal and ends the operation, whatever the handler returns", async () => {
    const method = aMethod(({ signal }) => untilAborted(signal).catch(() => {}), { deadline: "5s" });
    const ended = await live(method, ({ clock }) => clock.advance(5_000));
    assert.deepEqual([ended.state, ended.error?.code], ["FAILED", "DEADLINE_EXCEEDED"]);
    assert.equal((ended.endTime ?? 0) - ended.createTime, 5_000);
  });

  test("a deadline that the sweep sees first also aborts the signal, as the deadline", async () => {
    const whys: string[] = [];
    const gate = Promise.withResolvers<void>();
    const method = aMethod(
      async ({ signal }) => {
        signal.addEventListener("abort", () => whys.push((signal.reason as AttemptAborted).why));
        await gate.promise;
      },
      { deadline: "5s" },
    );
    const ended = await live(method, async ({ clock, engine }) => {
      await clock.advance(4_999);
      clock.setWall(clock.now() + 10);
      await engine.sweep.round();
      gate.resolve();
    });
    assert.deepEqual([ended.error?.code, ...whys], ["DEADLINE_EXCEEDED", "deadline"]);
    assert.deepEqual(ended.events.endings, ["dropped"]);
  });

  test("a lost lease aborts the signal, and a later result of the handler is not written", async () => {
    const gate = Promise.withResolvers<void>();
    const whys: string[] = [];
    const method = aMethod(
      async ({ signal, attempt }) => {
        if (attempt > 1) return;
        signal.addEventListener("abort", () => whys.push((signal.reason as AttemptAborted).why));
        await gate.promise;
      },
      { retry: { attempts: 3 } },
    );
    await using opened = await openTestWorker([method]);
    // No renewal arrives.
    const dead = { keep: () => {}, letGo: () => {}, renewedAt: () => undefined, watch: () => () => {} };
    Object.assign(opened.attempts, { keeper: dead });
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.clock.advance(LIMITS.leaseMs - LIMITS.leaseMarginMs);
    assert.deepEqual(whys, ["lease-lost"]);
    await opened.clock.advance(LIMITS.leaseMarginMs);
    await opened.engine.sweep.round();
    await opened.clock.advance(10_000);
    assert.deepEqual((await opened.read(operation)).state, "SUCCEEDED");
    const before = await opened.read(operation);
    gate.resolve();
    await opened.events.until("attempt.ended", 2);
    assert.deepEqual(await opened.read(operation), before);
    assert.deepEqual(opened.events.endings, ["completed", "dropped"]);
    // Each event occurs once: from the worker that lost the lease, and from the sweep that ended
    // it.
    for (const name of ["attempt.lost", "lease.expired", "leases.expired"] as const)
      assert.equal(opened.events.count(name), 1, name);
  });

  test("an end that the store does not accept is retried while the lease is trusted", async () => {
    const method = aMethod(() => {});
    await using opened = await openTestWorker([method]);
    let failures = 5;
    opened.attempts.fault = (verb) => {
      if (verb === "complete" && failures-- > 0) throw serviceError("STORE_UNAVAILABLE", "away");
    };
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.clock.advance(10_000);
    assert.equal((await opened.read(operation)).state, "SUCCEEDED");
    assert.equal(opened.logged.filter(({ level }) => level === "warn").length, 1);
  });

  test("an end that was committed but reported as failed is refused the second time, and stands", async () => {
    const method = aMethod(() => {});
    await using opened = await openTestWorker([method]);
    const { complete } = opened.attempts;
    let first = true;
    opened.attempts.complete = async (...args) => {
      const answer = await complete(...args);
      if (!first) return answer;
      first = false;
      throw serviceError("STORE_UNAVAILABLE", "cut off");
    };
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.clock.advance(10_000);
    assert.equal((await opened.read(operation)).state, "SUCCEEDED");
    assert.deepEqual(opened.events.count("attempt.ended"), 1);
  });

  for (const [name, thrown] of [
    ["undefined", undefined],
    ["null", null],
    ["a string", "text"],
    ["a frozen object", Object.freeze({})],
  ] as const) {
    test(`a handler that throws ${name} fails, and nothing else happens`, async () => {
      const ended = await live(aMethod(() => Promise.reject(thrown)));
      assert.deepEqual([ended.state, ended.error?.code], ["FAILED", "INTERNAL"]);
    });
  }

  test("a StatusError is the outcome; a retryable one is the outcome of the last attempt", async () => {
    const final = await live(aMethod(() => Promise.reject(new StatusError("NOT_FOUND", "No such disk."))));
    assert.deepEqual(
      [final.error?.code, final.error?.message, final.exception],
      ["NOT_FOUND", "No such disk.", null],
    );
    const away = aMethod(() => Promise.reject(new StatusError("UNAVAILABLE", "Asleep.")), {
      retry: { attempts: 3, initialDelay: "1s" },
    });
    const ended = await live(away, async ({ clock, events }) => {
      await clock.advance(10_000);
      await events.until("attempt.ended", 3);
    });
    assert.deepEqual([ended.attempt, ended.state, ended.error?.message], [3, "FAILED", "Asleep."]);
  });
});
