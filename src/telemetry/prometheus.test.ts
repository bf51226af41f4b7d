import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Teller } from "../core/teller.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { valueOf } from "./exposition-reader.suite.ts";
import { PrometheusMetrics } from "./prometheus.ts";

suite("PrometheusMetrics", () => {
  test("shows counts since it was made, and gauges as they are", async () => {
    const teller = new Teller();
    const metrics = new PrometheusMetrics(teller, ["m"]);
    teller.tell["operation.started"]?.({ operation: "operations/o", method: "m" });
    let waiting = 1;
    const observed = { slots: () => ({ used: 0, limit: 0 }), waiting: () => waiting++, time: () => 0 };
    const show = metrics.shower(observed, new ManualClock());
    assert.equal(valueOf(await show(), "longrunning_waiters"), 1);
    const text = await show();
    assert.equal(valueOf(text, "longrunning_waiters"), 2);
    assert.equal(valueOf(text, "longrunning_operations_started_total", { method: "m" }), 1);
    assert.equal(valueOf(text, "longrunning_operations_pending"), undefined, "nobody counts them");
    metrics.stop();
    assert.equal(teller.tell["operation.started"], undefined);
  });
});
