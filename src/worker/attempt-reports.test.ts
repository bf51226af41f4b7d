import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { nameOf } from "../testing/an-operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { began, steered, withoutHints, withoutRenewals } from "./steered.suite.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const TRUST_MS = LIMITS.leaseMs - LIMITS.leaseMarginMs;
const away = (): Error => serviceError("STORE_UNAVAILABLE", "away");

suite("A lease is trusted from the start of the call that gave it,", () => {
  for (const moment of ["call", "answer"] as const) {
    test(`by a claim whose ${moment} took ten seconds`, async () => {
      const handlers = steered();
      await using opened = await openTestWorker([handlers.method]);
      withoutRenewals(opened);
      await opened.start(handlers.method);
      const claim = opened.attempts.held.hold("claim", moment);
      opened.worker.start();
      await claim.reached;
      await opened.clock.advance(10_000);
      claim.go();
      await opened.clock.advance(TRUST_MS - 10_000 - 1);
      assert.deepEqual([handlers.contexts.length, handlers.whys], [1, []]);
      await opened.clock.advance(1);
      assert.deepEqual(handlers.whys, ["1 lease-lost"]);
      handlers.gates[0]?.resolve();
    });

    test(`by a report whose ${moment} took ten seconds`, async () => {
      const handlers = steered();
      await using opened = await began(handlers, withoutRenewals);
      await opened.clock.advance(5_000);
      const report = opened.attempts.held.hold("report", moment);
      handlers.contexts[0]?.report({ percent: 1 });
      await report.reached;
      await opened.clock.advance(10_000);
      report.go();
      await opened.clock.advance(TRUST_MS - 10_000 - 1);
      assert.deepEqual(handlers.whys, []);
      await opened.clock.advance(1);
      assert.deepEqual(handlers.whys, ["1 lease-lost"]);
      handlers.gates[0]?.resolve();
    });
  }
});

suite("A report", () => {
  test("that finds the operation gone aborts the handler, and nothing more is written", async () => {
    const handlers = steered();
    await using opened = await began(handlers, withoutHints);
    const report = opened.attempts.held.hold("report", "call");
    handlers.contexts[0]?.report({ percent: 1 });
    await report.reached;
    await opened.engine.operations.delete(ANONYMOUS, nameOf(opened.operation));
    report.go();
    await settled();
    assert.deepEqual(handlers.whys, ["1 lease-lost"]);
    handlers.contexts[0]?.report({ percent: 2 });
    handlers.gates[0]?.resolve();
    await opened.clock.advance(LIMITS.reportIntervalMs);
    assert.deepEqual(opened.events.endings, ["dropped"]);
    const { report: reports, complete } = opened.attempts.calls;
    assert.deepEqual([reports, complete], [1, 0]);
  });

  test("reveals a cancellation whose hint was lost", async () => {
    const handlers = steered();
    await using opened = await began(handlers, withoutHints);
    await opened.engine.operations.cancel(ANONYMOUS, nameOf(opened.operation));
    assert.deepEqual(handlers.whys, []);
    handlers.contexts[0]?.report({ percent: 1 });
    await settled();
    assert.deepEqual(handlers.whys, ["1 cancelled"]);
    handlers.gates[0]?.resolve();
  });

  test("that fails does not replace a newer one", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    const first = opened.attempts.held.hold("report", "call");
    handlers.contexts[0]?.report({ percent: 1 });
    handlers.contexts[0]?.report({ percent: 2 });
    await first.reached;
    first.lose(away());
    await opened.clock.advance(LIMITS.reportIntervalMs);
    assert.equal((await opened.read(opened.operation)).metadata?.json, '{"percent":2}');
    handlers.gates[0]?.resolve();
    await opened.events.until("attempt.ended");
    assert.equal((await opened.read(opened.operation)).metadata?.json, '{"percent":2}');
  });

  test("that fails is written at the next interval, even if nothing newer comes", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    const first = opened.attempts.held.hold("report", "call");
    handlers.contexts[0]?.report({ percent: 1 });
    await first.reached;
    first.lose(away());
    await opened.clock.advance(LIMITS.reportIntervalMs);
    assert.equal((await opened.read(opened.operation)).metadata?.json, '{"percent":1}');
    handlers.gates[0]?.resolve();
  });

  test("whose answer comes late does not undo the outcome, which waits for it", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    const report = opened.attempts.held.hold("report", "answer");
    handlers.contexts[0]?.report({ percent: 1 });
    await report.reached;
    handlers.contexts[0]?.report({ percent: 2 });
    handlers.gates[0]?.resolve();
    await opened.clock.advance(LIMITS.reportIntervalMs);
    assert.equal(opened.attempts.calls.complete, 0);
    report.go();
    await opened.events.until("attempt.ended");
    const { state, metadata } = await opened.read(opened.operation);
    assert.deepEqual([state, metadata?.json], ["SUCCEEDED", '{"percent":2}']);
    assert.deepEqual([opened.attempts.calls.report, opened.attempts.calls.complete], [1, 1]);
  });

  test("of a later attempt remains in the end, not that of an earlier one", async () => {
    const handlers = steered({ retry: { attempts: 2, initialDelay: "100ms" } });
    await using opened = await began(handlers);
    handlers.contexts[0]?.report({ percent: 90 });
    await settled();
    handlers.gates[0]?.reject(new Error("again"));
    await opened.clock.advance(1_000);
    handlers.contexts[1]?.report({ percent: 10 });
    await settled();
    handlers.gates[1]?.resolve();
    await opened.events.until("attempt.ended", 2);
    const { state, metadata } = await opened.read(opened.operation);
    assert.deepEqual([state, metadata?.json], ["SUCCEEDED", '{"percent":10}']);
  });

  test("after the operation was removed is not sent, and its lease is not kept", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    await opened.engine.operations.delete(ANONYMOUS, nameOf(opened.operation));
    assert.equal(opened.left()["leases kept"], 0);
    handlers.contexts[0]?.report({ percent: 1 });
    await settled();
    assert.equal(opened.attempts.calls.report, 0);
    handlers.gates[0]?.resolve();
    await opened.events.until("attempt.ended");
    assert.deepEqual([opened.events.endings, handlers.whys], [["dropped"], []]);
  });
});

suite("A report in progress when its operation is removed", () => {
  test("does not abort the handler: deleting does not cancel", async () => {
    const handlers = steered();
    await using opened = await began(handlers);
    const report = opened.attempts.held.hold("report", "call");
    handlers.contexts[0]?.report({ percent: 1 });
    await report.reached;
    await opened.engine.operations.delete(ANONYMOUS, nameOf(opened.operation));
    report.go();
    await settled();
    assert.deepEqual(handlers.whys, []);
    assert.equal(opened.logged.filter(({ level }) => level === "warn").length, 0);
    handlers.gates[0]?.resolve();
  });
});
