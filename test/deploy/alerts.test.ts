import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { alerts, expressionOfAdapter, expressionsOfDashboard } from "./expressions.ts";
import { expositionName } from "../../src/telemetry/exposition.ts";
import { METRIC_ROWS } from "../../src/telemetry/metrics.ts";
import { metricOf } from "./metrics.ts";
import { selectorsOf, withoutVariables } from "./promql.ts";

/** The labels that Prometheus and Kubernetes add to every series. */
const ADDED = ["job", "instance", "namespace"];

suite("deploy/prometheus/alerts.yaml", () => {
  test("each alert says once what is wrong, how serious it is and what to do", () => {
    const names = alerts().map(({ name }) => name);
    assert.deepEqual(names, [
      "LongrunningOperationsLate",
      "LongrunningNothingClaimed",
      "LongrunningNoWorker",
      "LongrunningAttemptsLost",
      "LongrunningOperationsFail",
      "LongrunningWorkersFull",
      "LongrunningStoreErrors",
      "LongrunningCallsFail",
    ]);
    for (const { name, summary, description, severity } of alerts()) {
      assert.match(summary, /^.{20,120}\.$/, name);
      assert.ok(description.length > 100 && description.endsWith("."), name);
      assert.ok(["warning", "critical"].includes(severity), name);
    }
  });

  test("uses only labels that the alert has in its sentences", () => {
    for (const { name, summary, expression } of alerts()) {
      const labels = new Set(selectorsOf(expression).flatMap((selector) => selector.labels));
      for (const [, label = ""] of summary.matchAll(/\$labels\.(\w+)/g)) assert.ok(labels.has(label), name);
    }
  });
});

suite("PromQL below deploy/", () => {
  const all = [
    ...alerts().map(({ name, expression }) => ({ where: name, expression })),
    ...expressionsOfDashboard(),
    expressionOfAdapter(),
  ];

  test("uses only metrics and labels that the service has", () => {
    for (const { where, expression } of all) {
      for (const { metric, labels } of selectorsOf(withoutVariables(expression))) {
        const known = metricOf(metric);
        assert.ok(known !== undefined, `${where}: there is no ${metric}`);
        const unknown = labels.filter((label) => !known.labels.includes(label) && !ADDED.includes(label));
        assert.deepEqual(unknown, [], `${where}: ${metric}`);
      }
    }
  });

  test("shows every metric of the service on the dashboard", () => {
    const shown = new Set(
      expressionsOfDashboard().flatMap(({ expression }) =>
        selectorsOf(withoutVariables(expression)).map(({ metric }) => metricOf(metric)?.family),
      ),
    );
    const missing = METRIC_ROWS.map(([name, row]) => expositionName(name, row)).filter(
      (name) => !shown.has(name),
    );
    assert.deepEqual(missing, []);
  });
});
