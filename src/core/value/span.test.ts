import assert from "node:assert/strict";
import { test } from "node:test";
import { spanText } from "./span.ts";

test("spans are written in plain words", () => {
  const spans = [
    0, 1, 9.7, 99, 100, 300, 999, 1_000, 22_900, 59_999, 60_000, 899_000, 3_600_000, 11_520_000, 86_399_000,
    172_800_000,
  ];
  assert.deepEqual(spans.map(spanText), [
    "0 s",
    "1 ms",
    "9 ms",
    "99 ms",
    "0.1 s",
    "0.3 s",
    "0.9 s",
    "1 s",
    "22 s",
    "59 s",
    "1 min",
    "14 min",
    "1 h",
    "3 h 12 min",
    "23 h 59 min",
    "2 d",
  ]);
});
