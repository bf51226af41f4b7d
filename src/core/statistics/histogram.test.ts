import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addHistogram,
  BOUNDS,
  BUCKETS,
  bucketOf,
  type Histogram,
  histogramText,
  quantileOf,
  readHistogram,
} from "./histogram.ts";

/** Up to the bound of the last bucket but one, because longer durations are not distinguished. */
const durations = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 200 });

function histogramOf(all: readonly number[]): Histogram {
  return new Map([...Map.groupBy(all, bucketOf)].map(([bucket, { length }]) => [bucket, length] as const));
}

test("bucketOf() is the first bucket whose bound is not below the duration", () => {
  for (const [bucket, bound] of BOUNDS.entries()) {
    assert.equal(bucketOf(bound), bucket);
    assert.equal(bucketOf(bound * 1.000001), Math.min(bucket + 1, BUCKETS - 1));
  }
  assert.deepEqual([-1, 0, 1, Number.NaN, 1e300].map(bucketOf), [0, 0, 0, 0, BUCKETS - 1]);
});

test("a quantile is off by a factor of 1.5 at most", () => {
  fc.assert(
    fc.property(durations, fc.constantFrom(0, 0.01, 0.5, 0.95, 0.99, 1), (all, part) => {
      const sorted = all.toSorted((a, b) => a - b);
      const truth = Math.max(1, sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0);
      const told = quantileOf(histogramOf(all), part) ?? 0;
      assert.ok(told <= truth * 1.5 && told >= truth / 1.5, `${told} for ${truth}`);
    }),
  );
  assert.equal(quantileOf(new Map(), 0.5), undefined);
});

test("the sum of two histograms has the values of both", () => {
  fc.assert(
    fc.property(durations, durations, (one, other) => {
      const merged = new Map(histogramOf(one));
      addHistogram(merged, histogramOf(other));
      assert.deepEqual(
        [...merged].toSorted(([a], [b]) => a - b),
        [...histogramOf([...one, ...other])].toSorted(([a], [b]) => a - b),
      );
    }),
  );
});

test("the text of a histogram gives the histogram again, and only its own members", () => {
  fc.assert(
    fc.property(durations, (all) => {
      assert.deepEqual(readHistogram(histogramText(histogramOf(all))), histogramOf(all));
    }),
  );
  assert.equal(histogramText(new Map([[3, 2]])), '{"3":2}');
  assert.deepEqual(readHistogram('{"3":2,"56":1,"-1":1,"x":1,"4":"1","5":0}'), new Map([[3, 2]]));
});
