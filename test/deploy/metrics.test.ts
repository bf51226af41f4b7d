import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readExposition } from "../../src/telemetry/exposition-reader.suite.ts";
import { alerts, expressionOfAdapter, expressionsOfDashboard } from "./expressions.ts";
import { metricOf } from "./metrics.ts";
import { selectorsOf, withoutVariables } from "./promql.ts";
import { startCountedServer } from "./counted-server.ts";

/** The labels that Prometheus and Kubernetes add to every series. */
const ADDED = ["job", "instance", "namespace"];
/** Metrics without series while all is well. */
const ONLY_IN_TROUBLE = [
  "longrunning_store_conflicts_total",
  "longrunning_store_errors_total",
  "http_server_request_duration error_type",
  "rpc_server_call_duration error_type",
];

suite("the metrics that deploy/ uses", () => {
  test("are in an answer of /metrics, with their labels", async () => {
    await using server = await startCountedServer();
    const families = readExposition(await server.metrics());
    const missing = new Set<string>();
    const all = [...alerts(), ...expressionsOfDashboard(), expressionOfAdapter()];
    for (const { expression } of all) {
      for (const { metric, labels } of selectorsOf(withoutVariables(expression))) {
        const family = families.get(metricOf(metric)?.family ?? "");
        assert.ok(family !== undefined, `There is no ${metric}: ${expression}`);
        const samples = family.samples.filter(({ name }) => name === metric);
        if (samples.length === 0) missing.add(metric);
        const shown = new Set([...ADDED, ...samples.flatMap((sample) => Object.keys(sample.labels))]);
        const unknown = labels.filter((label) => samples.length > 0 && !shown.has(label));
        for (const label of unknown) missing.add(`${metricOf(metric)?.family} ${label}`);
      }
    }
    assert.deepEqual(
      [...missing].filter((name) => !ONLY_IN_TROUBLE.includes(name)),
      [],
    );
  });
});
