import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatTimestamp, instantOf } from "./timestamp.ts";

test("formatTimestamp() writes the same as Date, for any time", () => {
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

const NOON = ["12:00:00", "Z"] as const;

function isLeap(year: number): boolean {
  return new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function at(time: string, zone = "Z"): number | undefined {
  return instantOf("2026-01-31", time, zone);
}

test("instantOf() knows the last day of each month, leap years included", () => {
  for (const year of [1900, 2000, 2023, 2024, 2100, 2400]) {
    const days = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (const [index, last] of days.entries()) {
      const day = (number: number): string => `${year}-${two(index + 1)}-${two(number)}`;
      assert.equal(instantOf(day(last), ...NOON), Date.UTC(year, index, last, 12), day(last));
      assert.equal(instantOf(day(1), ...NOON), Date.UTC(year, index, 1, 12));
      for (const none of [0, last + 1]) assert.equal(instantOf(day(none), ...NOON), undefined, day(none));
    }
    for (const month of ["00", "13"]) assert.equal(instantOf(`${year}-${month}-01`, ...NOON), undefined);
  }
});

test("instantOf() knows the hours of a day and of a zone", () => {
  const midnight = Date.UTC(2026, 0, 31);
  assert.deepEqual([at("00:00:00"), at("23:59:59")], [midnight, midnight + 86_399_000]);
  assert.deepEqual(
    [at("00:00:00", "+23:59"), at("00:00:00", "-00:01")],
    [midnight - 86_340_000, midnight + 60_000],
  );
  for (const time of ["24:00:00", "00:60:00", "00:00:60", "0:00:00"]) assert.equal(at(time), undefined, time);
  for (const zone of ["", "z", "+24:00", "+00:60", "+0100"])
    assert.equal(at("00:00:00", zone), undefined, zone);
});
