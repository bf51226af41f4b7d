import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { retryDelayMs, retryPolicy } from "./retry.ts";

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

describe("retryPolicy()", () => {
  it("names the option that is wrong, what it may be and what it was", () => {
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
