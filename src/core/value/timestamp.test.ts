import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatTimestamp } from "./timestamp.ts";

test("formatTimestamp() writes what Date writes, whatever the time", () => {
  const times = fc.oneof(
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }),
    fc.integer({ min: 0, max: 86_400_000 }),
  );
  fc.assert(
    fc.property(times, (time) => assert.equal(formatTimestamp(time), new Date(time).toISOString())),
    { numRuns: 5_000, examples: [[0], [-1], [86_399_999], [-62_167_219_200_001], [8.64e15]] },
  );
});
