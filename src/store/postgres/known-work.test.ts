import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownWork } from "./known-work.ts";

test("shards() is in the order of their oldest work of the wanted methods, and nextTime() gives the time of the next work", () => {
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

test("the earliest time of a shard is kept, and take() removes and returns the work of the wanted methods", () => {
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
