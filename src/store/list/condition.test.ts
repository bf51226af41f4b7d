import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Condition, conditionOf } from "./condition.ts";

function condition(text: string): Condition | undefined {
  const filter = compileFilter(text);
  assert.ok(filter);
  return conditionOf(filter);
}

test("conditions on columns become SQL, with the caller's texts as parameters", () => {
  assert.deepEqual(condition("metadata.verb = 'x' AND metadata.attempt > 1"), {
    text: "(method = ? and attempt > cast(? as double precision))",
    parameters: ["x", 1],
    exact: true,
  });
  assert.deepEqual(condition("metadata.endTime < 1970-01-01T00:00:01Z OR done = false"), {
    text: "((end_time is not null and end_time < cast(? as double precision)) or state in (?, ?))",
    parameters: [1_000, "PENDING", "RUNNING"],
    exact: true,
  });
  assert.equal(condition("NOT metadata.endTime:*")?.text, "not end_time is not null");
  assert.equal(condition("metadata.requestedCancellation != true")?.text, "not cancel_time is not null");
  assert.equal(condition("done = true AND done = false")?.text, "(state in (?, ?, ?) and state in (?, ?))");
});

test("a text that no column can contain is not queried", () => {
  const nothing = { text: "false", parameters: [], exact: true };
  assert.deepEqual(condition("metadata.target = 'a\0b'"), nothing);
  assert.deepEqual(condition("metadata.verb != 'a\0b'"), { ...nothing, text: "true" });
});

test("fields without a column give no condition, and an inexact condition is never negated", () => {
  const unknown = [
    "word",
    "metadata.x = 1",
    "metadata.x = 1 OR done = true",
    "metadata.verb = a*",
    "NOT response.x = 1",
  ];
  for (const text of unknown) assert.equal(condition(text), undefined, text);
  assert.deepEqual(condition("metadata.x = 1 AND metadata.verb != a"), {
    text: "(method <> ?)",
    parameters: ["a"],
    exact: false,
  });
});

function ofMethods(count: number): Condition | undefined {
  return conditionOf({ kind: "methods", names: new Set(Array.from({ length: count }, (_, i) => `m${i}`)) });
}

test("methods are queried by name, unless they are many", () => {
  assert.deepEqual(ofMethods(2), { text: "method in (?, ?)", parameters: ["m0", "m1"], exact: true });
  assert.equal(ofMethods(0)?.text, "false");
  assert.equal(ofMethods(LIMITS.filterMethodsMax + 1), undefined);
});
