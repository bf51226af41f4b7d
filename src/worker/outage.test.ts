import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { outageDelayMs, pause } from "./outage.ts";

suite("outage", () => {
  test("delays grow from 100 ms to 5 s, half of them random", () => {
    assert.deepEqual(
      [1, 2, 3, 7, 1_000].map((failures) => outageDelayMs(failures, 1)),
      [100, 200, 400, 5_000, 5_000],
    );
    assert.equal(outageDelayMs(1, 0), 50);
  });

  test("pause() resolves when the clock says so", async () => {
    const clock = new ManualClock();
    let over = false;
    void pause(clock, 50).then(() => (over = true));
    await clock.advance(49);
    assert.equal(over, false);
    await clock.advance(1);
    assert.equal(over, true);
  });
});
