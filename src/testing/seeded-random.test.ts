import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "./seeded-random.ts";

describe("seededRandom()", () => {
  it("repeats itself, and stays between 0 and 1", () => {
    assert.deepEqual(seededRandom(7).bytes(16), seededRandom(7).bytes(16));
    assert.notDeepEqual(seededRandom(7).bytes(16), seededRandom(8).bytes(16));
    const random = seededRandom(7);
    for (let index = 0; index < 1_000; index++) {
      const fraction = random.fraction();
      assert.ok(fraction >= 0 && fraction < 1);
    }
  });
});
