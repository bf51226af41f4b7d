import assert from "node:assert/strict";
import { test } from "node:test";
import { belowOf } from "./below.ts";

test("between the two texts are exactly the names below a parent", () => {
  const [after, before] = belowOf("projects/p");
  const isBelow = (parent: string): boolean => parent > after && parent < before;
  for (const parent of ["projects/p/a", "projects/p/z/b", "projects/p/\u{fffd}"])
    assert.ok(isBelow(parent), parent);
  for (const parent of [
    "projects/p",
    "projects/p-x",
    "projects/p.",
    "projects/p0",
    "projects/pa",
    "projects/o/a",
  ])
    assert.ok(!isBelow(parent), parent);
});
