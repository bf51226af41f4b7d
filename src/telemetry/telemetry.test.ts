import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../core/error/error.ts";
import { Teller } from "../core/teller.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { valueOf } from "./exposition-reader.suite.ts";
import { registerProviders } from "./opentelemetry/registered.suite.ts";
import { openTelemetry } from "./telemetry.ts";

const observed = {
  slots: () => ({ used: 0, limit: 8 }),
  waiting: () => 2,
  watching: () => 3,
  counts: () => Promise.reject(new StatusError("UNAVAILABLE", "away")),
  time: () => 0,
};

suite("openTelemetry()", () => {
  test("gives Prometheus everything counted since it was opened", async () => {
    const teller = new Teller();
    const telemetry = await openTelemetry({ teller, methods: ["m"], metrics: true, attemptSpans: "link" });
    assert.equal(telemetry.tracing, undefined);
    teller.tell["operation.started"]?.({ operation: "operations/o", method: "m" });
    const show = telemetry.observe(observed, new ManualClock());
    const text = (await show?.()) ?? "";
    assert.equal(valueOf(text, "longrunning_waiters"), 2);
    assert.equal(valueOf(text, "longrunning_operations_started_total", { method: "m" }), 1);
    assert.equal(valueOf(text, "longrunning_operations_pending"), undefined, "they are not known");
    telemetry.stop();
    assert.equal(teller.tell["operation.started"], undefined);
  });

  test("gives registered OpenTelemetry providers the same, and traces", async () => {
    await using registered = registerProviders();
    const teller = new Teller();
    const telemetry = await openTelemetry({ teller, methods: ["m"], metrics: false, attemptSpans: "link" });
    assert.notEqual(telemetry.tracing, undefined);
    assert.equal(telemetry.observe(observed, new ManualClock()), undefined);
    teller.tell["operation.started"]?.({ operation: "operations/o", method: "m" });
    assert.deepEqual(await registered.points("longrunning.operations.started"), [[{ method: "m" }, 1]]);
    assert.deepEqual(await registered.points("longrunning.slots.limit"), [[{}, 8]]);
    telemetry.stop();
    assert.equal(teller.tell["operation.started"], undefined);
  });
});
