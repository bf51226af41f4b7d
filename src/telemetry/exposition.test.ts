import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { anyCharacter } from "../../test/support/any-character.ts";
import { Exposition, expositionName } from "./exposition.ts";
import { readExposition, type Sample, valueOf } from "./exposition-reader.suite.ts";
import { METRIC_ROWS, METRICS, type Reading } from "./metrics.ts";

/** Texts with characters that need escaping, including half of a surrogate pair. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', "\\", "\n", "\r", "\0", "{", "}", ",", "=", "\ud800", "é"),
    fc.string({ unit: anyCharacter }),
  ),
  maxLength: 12,
});

const BUCKETS = METRICS["longrunning.operation.duration"].buckets;

function bucketsOf(samples: readonly Sample[], labels: Readonly<Record<string, string>>): number[] {
  return samples
    .filter(({ name, labels: found }) => name.endsWith("_bucket") && found["method"] === labels["method"])
    .map(({ value }) => value);
}

const reading = (method: string, value: number): Reading => ({
  name: "longrunning.operations.pending",
  values: [method],
  value,
});

suite("Exposition", () => {
  test("can be read back, whatever the labels contain", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, fc.constantFrom("SUCCEEDED", "FAILED"), fc.nat(200_000))),
        (met) => {
          const exposition = new Exposition();
          const expected = new Map<string, { count: number; sum: number; values: number[] }>();
          for (const [method, state, value] of met) {
            exposition.count("longrunning.operations.finished", [method, state, ""]);
            exposition.record("longrunning.operation.duration", [method, state], value);
            const key = JSON.stringify([method.toWellFormed(), state]);
            const { count, sum, values } = expected.get(key) ?? { count: 0, sum: 0, values: [] };
            expected.set(key, { count: count + 1, sum: sum + value, values: [...values, value] });
          }
          // Texts that differ only by half a pair are the same series for readers.
          fc.pre(
            new Set(met.map(([method]) => method)).size ===
              new Set(met.map(([method]) => method.toWellFormed())).size,
          );
          const families = readExposition(exposition.text([]));
          const { samples, type } = families.get("longrunning_operation_duration") ?? {
            samples: [],
            type: "",
          };
          assert.equal(type, "histogram");
          assert.equal(samples.length, expected.size * (BUCKETS.length + 3));
          for (const { name, labels, value } of samples) {
            const of = expected.get(JSON.stringify([labels["method"] ?? "", labels["state"]]));
            assert.ok(of !== undefined, JSON.stringify(labels));
            const le = labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]);
            if (name.endsWith("_count")) assert.equal(value, of.count);
            else if (name.endsWith("_sum")) assert.equal(value, of.sum);
            else assert.equal(value, of.values.filter((each) => each <= le).length, `le ${le}`);
          }
          const counted = families.get("longrunning_operations_finished_total")?.samples ?? [];
          assert.equal(counted.length, expected.size);
          for (const { labels, value } of counted) {
            assert.ok(!("code" in labels), "a label without a value is left out");
            assert.equal(
              value,
              expected.get(JSON.stringify([labels["method"] ?? "", labels["state"]]))?.count,
            );
          }
        },
      ),
    );
  });

  test("has the head of every metric from the beginning, with its kind and meaning", () => {
    const families = readExposition(new Exposition().text([]));
    assert.deepEqual(
      [...families].map(([name, { type, help }]) => [name, type, help]),
      METRIC_ROWS.map(([name, metric]) => [expositionName(name, metric), metric.kind, metric.help]),
    );
  });

  test("counts a value that equals a bound in the bucket of that bound, and one above all bounds only in +Inf", () => {
    const exposition = new Exposition();
    for (const value of [0.05, 90_000])
      exposition.record("longrunning.operation.duration", ["a", "FAILED"], value);
    const { samples = [] } = readExposition(exposition.text([])).get("longrunning_operation_duration") ?? {};
    assert.deepEqual(bucketsOf(samples, { method: "a" }), [0, ...BUCKETS.slice(1).map(() => 1), 2]);
  });

  test("shows gauges with their current values, and none that is gone", () => {
    const exposition = new Exposition();
    exposition.text([reading("a", 1), reading("b", 2)]);
    const text = exposition.text([reading("b", 3)]);
    assert.equal(valueOf(text, "longrunning_operations_pending", { method: "b" }), 3);
    assert.equal(valueOf(text, "longrunning_operations_pending", { method: "a" }), undefined);
  });

  test("escapes line ends and backslashes of a meaning so that it stays one line", () => {
    const exposition = new Exposition();
    exposition.count("longrunning.attempts", ['a"} 1\nevil_total 5\n#', "lost"]);
    const text = exposition.text([]);
    assert.ok(!text.includes("\nevil_total"));
    assert.equal(valueOf(text, "longrunning_attempts_total", { method: 'a"} 1\nevil_total 5\n#' }), 1);
  });
});

suite("expositionName()", () => {
  test("has no dots, _total for counters, and no unit", () => {
    const names = (
      ["longrunning.attempts", "longrunning.operation.duration", "http.server.request.duration"] as const
    ).map((name) => expositionName(name, METRICS[name]));
    assert.deepEqual(names, [
      "longrunning_attempts_total",
      "longrunning_operation_duration",
      "http_server_request_duration",
    ]);
  });
});
