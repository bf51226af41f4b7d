import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { selectorsOf, withoutVariables } from "./promql.ts";

suite("selectorsOf()", () => {
  test("finds metrics with the labels that they are matched and grouped by", () => {
    const expression = `sum by (job, method) (increase(a_total{state="FAILED", job!=""}[5m])) / b > 0.2 unless absent(c)`;
    assert.deepEqual(selectorsOf(expression), [
      { metric: "a_total", labels: ["state", "job", "method"] },
      { metric: "b", labels: [] },
      { metric: "c", labels: [] },
    ]);
  });

  test("refuses invalid PromQL", () => {
    for (const text of ["sum by (a", "rate(a_total[5m]) >", "a{b=c}", "a b"]) {
      assert.throws(() => selectorsOf(text), /No PromQL/, text);
    }
    assert.throws(() => selectorsOf('{job="a"}'), /without a metric/);
  });

  test("reads expressions with Grafana's variables filled in", () => {
    const text = withoutVariables('rate(a_total{m=~"$method"}[$__rate_interval])');
    assert.equal(text, 'rate(a_total{m=~".*"}[1m])');
  });
});
