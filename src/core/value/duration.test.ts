import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { durationMs, formatDuration, parseDurationMs } from "./duration.ts";

describe("parseDurationMs()", () => {
  const table: [string, number | undefined][] = [
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5h", 5_400_000],
    ["30d", 2_592_000_000],
    ["0s", 0],
    ["30", undefined],
    ["-1s", undefined],
    ["1 s", undefined],
    ["", undefined],
    ["1e3s", undefined],
  ];
  for (const [text, expected] of table) {
    it(`reads ${JSON.stringify(text)} as ${String(expected)}`, () =>
      assert.equal(parseDurationMs(text), expected));
  }
});

describe("formatDuration()", () => {
  it("writes proto-JSON durations", () => {
    assert.equal(formatDuration(1_500), "1.5s");
    assert.equal(formatDuration(3_600_000), "3600s");
    assert.equal(formatDuration(1), "0.001s");
  });
});

describe("durationMs()", () => {
  it("says what was expected and what was given", () => {
    assert.throws(
      () => durationMs("lease", "30"),
      /lease: expected a duration such as "30s", "15m" or "30d", got "30"/,
    );
  });
});
