import assert from "node:assert/strict";
import { test } from "node:test";
import { growthOf } from "./growth.ts";

const letters = (size: number): string => "a".repeat(size);

/** Compares each pair of characters. */
function pairs(text: string): number {
  let same = 0;
  for (let a = 0; a < text.length; a++) {
    for (let b = 0; b < text.length; b++) if (text.charCodeAt(a) === text.charCodeAt(b)) same++;
  }
  return same;
}

test("growthOf() detects quadratic growth, and accepts linear growth", () => {
  assert.match(growthOf(pairs, letters, 4_000) ?? "", /^a size of 500 took .*, one of 4000 took /);
  assert.equal(
    growthOf((text) => text.split("").length, letters, 400_000),
    undefined,
  );
  assert.equal(growthOf(pairs, letters, 100), undefined, "too little to matter");
});
