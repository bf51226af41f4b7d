import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { BoundedNames } from "./bounded-names.ts";

suite("BoundedNames", () => {
  test("keeps the first names, with the declared ones before all others, and calls the rest other", () => {
    const names = new BoundedNames(["declared"]);
    const labels = Array.from({ length: 5_000 }, (_, index) => names.labelOf(`m${index}`));
    assert.deepEqual([labels[0], labels.at(-1)], ["m0", "other"]);
    assert.equal(new Set([...labels, names.labelOf("declared")]).size, LIMITS.metricMethodsMax + 1);
    assert.deepEqual([names.labelOf("m0"), names.labelOf("declared")], ["m0", "declared"]);
  });

  test("has its limit even if more are declared", () => {
    const names = new BoundedNames(Array.from({ length: 2_000 }, (_, index) => `m${index}`));
    assert.deepEqual([names.labelOf("m999"), names.labelOf("m1000")], ["m999", "other"]);
  });
});
