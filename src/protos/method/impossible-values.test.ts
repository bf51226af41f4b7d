import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { impossibleValue } from "./impossible-values.ts";

function time(seconds: bigint, nanos: number): string {
  return impossibleValue(TimestampSchema, create(TimestampSchema, { seconds, nanos }))?.message ?? "";
}

function duration(seconds: bigint, nanos: number): string {
  return impossibleValue(DurationSchema, create(DurationSchema, { seconds, nanos }))?.message ?? "";
}

test("impossibleValue() accepts the first and the last instant, and nothing just outside", () => {
  assert.equal(time(-62_135_596_800n, 0), "");
  assert.equal(time(253_402_300_799n, 999_999_999), "");
  assert.match(time(-62_135_596_801n, 0), /^expected a timestamp/);
  assert.match(time(253_402_300_799n, 1_000_000_000), /^expected a timestamp/);
});

test("impossibleValue() accepts durations in both directions, and values of every kind", () => {
  assert.equal(duration(-315_576_000_000n, -999_999_999), "");
  assert.equal(duration(315_576_000_000n, 999_999_999), "");
  for (const [seconds, nanos] of [
    [0n, -1],
    [0n, 1],
    [-1n, 0],
    [1n, 0],
    [-1n, -1],
  ] as const)
    assert.equal(duration(seconds, nanos), "", `${seconds} s and ${nanos} ns`);
  for (const [seconds, nanos] of [
    [1n, -1],
    [-1n, 1],
    [315_576_000_001n, 0],
    [0n, 1_000_000_000],
  ] as const)
    assert.notEqual(duration(seconds, nanos), "", `${seconds} s and ${nanos} ns`);
  assert.match(duration(1n, -1), /of one sign/);
  const value = create(ValueSchema, { kind: { case: "boolValue", value: false } });
  assert.equal(impossibleValue(ValueSchema, value), undefined);
  assert.equal(impossibleValue(ValueSchema, create(ValueSchema))?.path, "");
});
