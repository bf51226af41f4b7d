import assert from "node:assert/strict";
import { test } from "node:test";
import { Counts } from "./counts.ts";

test("a text is contained until it has been removed as often as it was added", () => {
  const counts = new Counts();
  assert.equal(counts.has("a"), false);
  counts.add("a");
  counts.add("a");
  counts.remove("a");
  assert.deepEqual([counts.has("a"), counts.has("b")], [true, false]);
  counts.remove("a");
  counts.remove("b");
  assert.deepEqual([counts.has("a"), counts.has("b")], [false, false]);
});
