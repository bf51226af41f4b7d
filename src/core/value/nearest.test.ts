import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, nearest } from "./nearest.ts";

const commands = ["serve", "start", "get", "list", "wait", "cancel", "delete", "migrate", "doctor"];

test("nearest() finds the word that was probably meant", () => {
  for (const [word, meant] of [
    ["strat", "start"],
    ["lst", "list"],
    ["cancle", "cancel"],
    ["Delete", "delete"],
    ["gte", "get"],
  ]) {
    assert.equal(nearest(word ?? "", commands), meant);
  }
});

test("nearest() finds nothing if nothing is near", () => {
  assert.equal(nearest("frobnicate", commands), undefined);
  assert.equal(nearest("x", []), undefined);
});

test("nearest() does not compare long words, or words whose lengths differ too much", () => {
  const known = {
    *[Symbol.iterator]() {
      const long = { length: 1_000, toLowerCase: () => assert.fail("compared") };
      yield long as unknown as string;
      yield "cancel";
    },
  };
  assert.equal(nearest("cancle", known), "cancel");
  const near = "a".repeat(99);
  assert.equal(nearest(`${near}b`, [near]), near);
  assert.equal(nearest(`${near}bc`, [near]), undefined);
});

test("didYouMean() is the end of a message, or empty", () => {
  assert.equal(didYouMean("sevre", commands), ' (did you mean "serve"?)');
  assert.equal(didYouMean("frobnicate", commands), "");
});
