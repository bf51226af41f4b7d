import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemRandom } from "./random.ts";

describe("systemRandom", () => {
  it("gives fractions from 0 to 1 and bytes as many as asked", () => {
    for (let index = 0; index < 1_000; index++) {
      const fraction = systemRandom.fraction();
      assert.ok(fraction >= 0 && fraction < 1);
    }
    assert.equal(systemRandom.bytes(12).length, 12);
  });

  it("never gives the same bytes twice, whatever the lengths", () => {
    const seen = new Set<string>();
    for (let index = 0; index < 2_000; index++) {
      const bytes = systemRandom.bytes(16 + (index % 7));
      seen.add(Buffer.from(bytes.subarray(0, 16)).toString("hex"));
    }
    assert.equal(seen.size, 2_000);
    assert.equal(systemRandom.bytes(10_000).length, 10_000);
  });
});
