import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownWork } from "./known-work.ts";

test("shards come in the order of their oldest work of the methods asked for, and what is later is told", () => {
  const known = new KnownWork();
  known.add("a", 1, 300);
  known.add("a", 2, 100);
  known.add("b", 1, 50);
  known.add("b", 3, 900);
  assert.deepEqual(known.shards(["a", "b"], 500), [1, 2]);
  assert.deepEqual(known.shards(["a"], 500), [2, 1]);
  assert.deepEqual(known.shards(["a"], 299), [2]);
  assert.deepEqual(
    [known.nextTime(["a", "b"]), known.nextTime(["a"]), known.nextTime(["c"])],
    [50, 100, null],
  );
});

test("the earliest time of a shard is kept, and what is taken is forgotten and told, of the methods asked for", () => {
  const known = new KnownWork();
  known.add("a", 1, 300);
  known.add("a", 1, 400);
  known.add("b", 1, 5);
  assert.deepEqual(known.take(["a"], [1, 2]), [["a", 1, 300]]);
  assert.deepEqual([known.nextTime(["a"]), known.nextTime(["b"])], [null, 5]);
});

test("a method is known once it was asked for", () => {
  const known = new KnownWork();
  assert.equal(known.hasMethod("a"), false);
  known.shards(["a"], 0);
  assert.equal(known.hasMethod("a"), true);
});
