import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf } from "./count.ts";

test("countOf() has the plural for all numbers but one", () => {
  assert.deepEqual(
    [0, 1, 2, 1_204].map((count) => countOf(count, "grant")),
    ["0 grants", "1 grant", "2 grants", "1,204 grants"],
  );
});
