import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckCostError, Meter } from "./meter.ts";
import { ValueSet } from "./value-set.ts";

function aMeter(): Meter {
  const meter = new Meter();
  meter.reset();
  return meter;
}

test("objects and lists are equal if their members are, and no text equals one of them", () => {
  const values = new ValueSet();
  for (const each of [{ a: 1, b: [2] }, { b: [2], a: 1 }, [1], "[1]", '{"a":1,"b":[2]}', 1, "1", null, true])
    values.add(each);
  assert.equal(values.size, 8);
  for (const each of [{ b: [2], a: 1 }, [1], "[1]", 1, "1", null, true])
    assert.equal(values.has(each, aMeter()), true, JSON.stringify(each));
  for (const each of [{ a: 1 }, [], "", 2, "null", false, {}])
    assert.equal(values.has(each, aMeter()), false, JSON.stringify(each));
});

test("a value costs steps for its length, and a plain one costs none", () => {
  const values = new ValueSet();
  const meter = aMeter();
  const before = meter.steps;
  values.add("a".repeat(1_000), meter);
  assert.equal(meter.steps, before);
  values.add(["a".repeat(996)], meter);
  assert.equal(before - meter.steps, 137);
  meter.steps = 100;
  assert.throws(() => values.has(["a".repeat(996)], meter), CheckCostError);
});
