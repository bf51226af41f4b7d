import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, bucketsOf, rangeOf, readRangeName } from "./range.ts";

const NOW = Date.UTC(2026, 0, 2, 13, 47, 31, 500);

test("ranges end with the current bucket, and have 120 buckets at most", () => {
  for (const [name, minutes] of [
    ["15m", 15],
    ["1h", 60],
    ["", 60],
    ["6h", 360],
    ["24h", 1440],
    ["7d", 10_080],
  ] as const) {
    const range = rangeOf(readRangeName(name), NOW);
    assert.equal((range.until - range.since) / 60_000, minutes, name);
    assert.ok(range.until > NOW && range.until - range.bucketMs <= NOW, name);
    assert.equal(range.since % range.bucketMs, 0, name);
    assert.ok(bucketsOf(range) <= 120 && Number.isInteger(bucketsOf(range)), name);
    assert.equal(range.bucketMs % (range.period * 1_000), 0, "whole periods");
    assert.equal(bucketOf(range, NOW), bucketsOf(range) - 1);
    assert.equal(bucketOf(range, range.since), 0);
    assert.ok((range.until - range.since) / range.period / 1_000 <= 168, "periods that are read");
  }
});

test("an invalid range is refused", () => {
  for (const name of ["2h", "1H", "constructor", "x".repeat(1_000)])
    assert.throws(() => readRangeName(name), { code: "INVALID_ARGUMENT", reason: "RANGE_INVALID" });
});
