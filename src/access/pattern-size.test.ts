import assert from "node:assert/strict";
import { test } from "node:test";
import { patternSize } from "./pattern-size.ts";

test("patternSize() counts characters and classes, and repetitions as often as they expand", () => {
  for (const [pattern, size] of [
    ["", 0],
    ["abc", 3],
    ["[a-z0-9_]", 1],
    ["[]a]", 1],
    [String.raw`\d\.\p{Lu}\x{1F600}`, 4],
    ["a{3}", 4],
    ["a{3,}", 4],
    ["a{3,5}", 6],
    ["[^/]{40}", 41],
    ["(ab)", 4],
    ["(ab){2}", 12],
    ["((a{10}){10}){10}", 1_595],
    ["(?:a?){900}a{900}", 6_307],
    ["a+{5}", 12],
    ["(a", 2],
    ["a)b", 3],
  ] as const)
    assert.equal(patternSize(pattern), size, pattern);
});
