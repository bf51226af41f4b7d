import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LABELS, METRIC_ROWS } from "./metrics.ts";

suite("METRICS", () => {
  test("has names that both systems accept, and sentences", () => {
    for (const [name, { help, unit }] of METRIC_ROWS) {
      assert.match(name, /^[a-z]+(?:\.[a-z]+)+$/);
      assert.match(help, /^[A-Z][^\n|]*\.$|^[A-Z][^\n|]*; [^\n|]*\.$/, name);
      assert.match(unit, /^s$|^\{[a-z]+\}$/, name);
    }
  });

  test("has buckets for histograms and for nothing else, in order", () => {
    for (const [name, { kind, buckets }] of METRIC_ROWS) {
      assert.equal(buckets !== undefined, kind === "histogram", name);
      assert.deepEqual(
        buckets,
        buckets?.toSorted((a, b) => a - b),
        name,
      );
    }
  });

  test("describes the values of every label, and has no label for names, parents or request ids", () => {
    const used = new Set(METRIC_ROWS.flatMap(([, { labels }]) => labels));
    assert.deepEqual([...used].toSorted(), Object.keys(LABELS).toSorted());
    for (const label of used)
      assert.doesNotMatch(label, /name$(?<!system\.name)|parent|request\.id|operation/);
  });
});
