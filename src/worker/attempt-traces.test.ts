import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { defineMethod } from "../core/method/method.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import { openTestWorker } from "./test-worker.suite.ts";

test("events have the trace of the start, or the span of the attempt if tracing is on", async () => {
  const [start, own] = [
    `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    `00-${"c".repeat(32)}-${"d".repeat(16)}-01`,
  ];
  const span = { traceContext: own, within: <T>(run: () => T) => run(), fail: () => {}, end: () => {} };
  const tracing: Tracing = {
    call: () => undefined,
    start: (_, store) => store(`${start} a=1`),
    attempt: () => span,
  };
  const threw = defineMethod({
    name: "work",
    request: z.object({}),
    retry: { attempts: 1 },
    run: () => assert.fail("no"),
  });
  for (const [options, traceparent] of [
    [{}, start],
    [{ tracing }, own],
  ] as const) {
    await using opened = await openTestWorker([threw], options);
    opened.worker.start();
    const caller = { ...ANONYMOUS, traceparent: start };
    await opened.engine.operations.start(caller, { method: "work", request: {} });
    await opened.events.until("attempt.ended");
    const told = opened.events.all.flatMap(([name, fields]) =>
      name.startsWith("attempt.") && "traceparent" in fields ? [[name, fields.traceparent]] : [],
    );
    assert.deepEqual(told, [
      ["attempt.began", traceparent],
      ["attempt.threw", traceparent],
      ["attempt.ended", traceparent],
    ]);
    assert.equal(opened.logged.find(({ level }) => level === "warn")?.fields["traceparent"], traceparent);
  }
});
