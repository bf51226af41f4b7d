import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { detailsOf } from "../core/method/attempt-details.ts";
import { HandedOver } from "../core/method/handed-over.ts";
import { defineMethod } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import type { Closable } from "../core/value/belongings.ts";
import { STRUCT } from "../core/operation/payload.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const handing = (leaseMs: number | undefined, progress?: object) =>
  defineMethod({
    name: "hand",
    request: z.object({}),
    run: (_, { report }) => {
      if (progress !== undefined) report({ ...progress });
      throw new HandedOver(leaseMs);
    },
  });

suite("an attempt that is handed over", () => {
  test("stays open without the worker, with a lease that nothing here renews", async () => {
    const method = handing(300_000, { progressPercent: 5 });
    await using opened = await openTestWorker([method], { concurrency: 1 });
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.events.until("attempt.ended");
    const held = await opened.read(operation);
    assert.deepEqual([held.state, held.attempt, opened.worker.running], ["RUNNING", 1, 0]);
    assert.equal(held.leaseTime, opened.clock.now() + 300_000);
    assert.equal(held.metadata?.json, '{"progressPercent":5}');
    await opened.clock.advance(LIMITS.leaseMs * 3);
    assert.equal((await opened.read(operation)).leaseTime, held.leaseTime);
    await opened.clock.advance(300_000);
    await opened.engine.sweep.round();
    const lost = await opened.read(operation);
    assert.deepEqual([lost.attempts[0]?.how, lost.failedAttempts], ["worker-lost", 1]);
  });

  test("keeps reports of its new holder, in preference to those of an earlier attempt", async () => {
    const method = defineMethod({
      name: "hand",
      request: z.object({}),
      retry: { attempts: 2, initialDelay: "1s" },
      run: (_, { attempt, report }) => {
        if (attempt === 2) throw new HandedOver(300_000);
        report({ progressPercent: 5 });
        throw new Error("again");
      },
    });
    await using opened = await openTestWorker([method], { concurrency: 1 });
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.events.until("attempt.ended");
    const held = opened.attempts.held.hold("report", "call");
    await opened.clock.advance(1_000);
    await held.reached;
    assert.equal((await opened.read(operation)).metadata?.json, '{"progressPercent":5}');
    const { id } = operation;
    const metadata = { type: STRUCT, json: '{"progressPercent":50}' };
    await opened.store.write({ verb: "renew", id, attempt: 2, leaseMs: 30_000, metadata });
    held.go();
    await opened.events.until("attempt.ended", 2);
    const after = await opened.read(operation);
    assert.equal(after.metadata?.json, '{"progressPercent":50}');
    assert.equal(after.leaseTime, opened.clock.now() + 300_000);
  });

  test("has the worker's own lease if the handler gives none, and survives cancellation and shutdown", async () => {
    const method = handing(undefined);
    await using opened = await openTestWorker([method]);
    opened.worker.start();
    const operation = await opened.start(method);
    await opened.events.until("attempt.ended");
    await opened.engine.operations.cancel(ANONYMOUS, formatName(operation));
    await opened.worker.stop({ drainMs: 0 });
    const held = await opened.read(operation);
    assert.equal(held.state, "RUNNING");
    assert.equal(held.leaseTime, opened.clock.now() + LIMITS.leaseMs);
    assert.notEqual(held.cancelTime, null);
  });

  test("has no holder if the attempt was lost before", async () => {
    const method = handing(300_000);
    await using opened = await openTestWorker([method]);
    const held = opened.attempts.held.hold("report", "call");
    opened.worker.start();
    const operation = await opened.start(method);
    await held.reached;
    await opened.engine.operations.delete(ANONYMOUS, formatName(operation));
    held.go();
    await opened.events.until("attempt.ended");
    assert.deepEqual(opened.events.endings, ["refused"]);
  });
});

test("the service's own handlers find the attempt, and keep values until the worker stops", async () => {
  const closed: string[] = [];
  const key = {};
  const found: unknown[] = [];
  const things = new Set<Closable>();
  const method = defineMethod({
    name: "keep",
    request: z.object({}),
    run: (_, context) => {
      const details = detailsOf({ ...context }) ?? assert.fail();
      found.push(details.method.name, details.operation.attempt, details.attemptToken?.(details.operation));
      things.add(details.belongings.of(key, () => ({ close: () => void closed.push("closed") })));
      assert.equal(details.time(), details.clock.now());
    },
  });
  await using opened = await openTestWorker([method], { attemptToken: ({ id }) => id });
  opened.worker.start();
  const [first, second] = [await opened.start(method), await opened.start(method)];
  await opened.events.until("attempt.ended", 2);
  assert.deepEqual(found, ["keep", 1, first.id, "keep", 1, second.id]);
  assert.deepEqual([things.size, closed], [1, []]);
  await opened.worker.stop({ drainMs: 0 });
  assert.deepEqual(closed, ["closed"]);
});
