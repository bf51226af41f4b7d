import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { retryDelayMs, type RetryOptions, retryPolicy } from "./retry.ts";

describe("retryDelayMs()", () => {
  it("doubles from one second up to a minute by default", () => {
    const policy = retryPolicy();
    const delays = [1, 2, 3, 7, 20].map((failed) => retryDelayMs(policy, failed, 1));
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 60_000, 60_000]);
  });

  it("stays between half and the whole of the full delay", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failed, fraction) => {
          const policy = retryPolicy({
            attempts: 1_000,
            initialDelay: "100ms",
            multiplier: 3,
            maxDelay: "10s",
          });
          const full = Math.min(10_000, 100 * 3 ** (failed - 1));
          const delay = retryDelayMs(policy, failed, fraction);
          assert.ok(delay >= Math.floor(full / 2) && delay <= Math.ceil(full), `${delay} of ${full}`);
        },
      ),
    );
  });
});

describe("retryDelayMs() of a list", () => {
  const policy = retryPolicy({ delays: ["5s", "5m", "2h"] });

  it("uses the delay of the attempt that failed, up to a fifth less or more", () => {
    assert.equal(policy.attempts, 4);
    assert.deepEqual(
      [1, 2, 3].map((failed) => [0, 0.5, 1].map((fraction) => retryDelayMs(policy, failed, fraction))),
      [
        [4_000, 5_000, 6_000],
        [240_000, 300_000, 360_000],
        [5_760_000, 7_200_000, 8_640_000],
      ],
    );
  });

  it("uses the last delay if the operation was started with more attempts than the list has now", () => {
    const mixed = retryPolicy({ delays: ["1h", "1s"] });
    assert.equal(retryDelayMs(mixed, 9, 0.5), 3_600_000);
  });
});

describe("retryPolicy()", () => {
  it("refuses a list together with an option that says the same, and an invalid list", () => {
    for (const other of [{ attempts: 3 }, { initialDelay: "1s" }, { multiplier: 2 }, { maxDelay: "1s" }]) {
      const [name = ""] = Object.keys(other);
      assert.throws(
        () => retryPolicy({ delays: ["1s"], ...other } as RetryOptions),
        new RegExp(`retry\\.delays: .* retry\\.${name} has to be left out`),
      );
    }
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [[], /retry\.delays: expected a list of 1 to 999 durations/],
      ["5s", /retry\.delays: expected a list .*got "5s"/],
      [["5s", "soon"], /retry\.delays\[1\]: expected a duration/],
      [["400d"], /retry\.delays\[0\]: expected 365d at most/],
      [Array.from({ length: 1_000 }, () => "1s"), /1 to 999/],
    ];
    for (const [delays, message] of wrong)
      assert.throws(() => retryPolicy({ delays } as RetryOptions), message);
  });

  it("names the invalid option, its allowed values and the given value", () => {
    assert.throws(
      () => retryPolicy({ attempts: 0 }),
      /retry\.attempts: expected a whole number from 1 to 1000, got 0/,
    );
    assert.throws(
      () => retryPolicy({ multiplier: 0.5 }),
      /retry\.multiplier: expected a number from 1 to 100, got 0\.5/,
    );
    assert.throws(
      () => retryPolicy({ maxDelay: "soon" as never }),
      /retry\.maxDelay: expected a duration such as "30s"/,
    );
  });
});
