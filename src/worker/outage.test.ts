import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { outageDelayMs, Pauses } from "./outage.ts";

suite("outage", () => {
  test("delays grow from 100 ms to 5 s, half of them random", () => {
    assert.deepEqual(
      [1, 2, 3, 7, 1_000].map((failures) => outageDelayMs(failures, 1)),
      [100, 200, 400, 5_000, 5_000],
    );
    assert.equal(outageDelayMs(1, 0), 50);
  });

  test("a pause ends when the clock says so", async () => {
    const clock = new ManualClock();
    const going: boolean[] = [];
    void new Pauses(clock).pause(50).then((goesOn) => going.push(goesOn));
    await clock.advance(49);
    assert.deepEqual(going, []);
    await clock.advance(1);
    assert.deepEqual(going, [true]);
  });

  test("all pauses end when the worker gives up, and leave no timers", async () => {
    const clock = new ManualClock();
    const pauses = new Pauses(clock);
    const begun = [pauses.pause(50), pauses.pause(5_000)];
    assert.equal(clock.pending, 2);
    pauses.stop();
    assert.deepEqual(await Promise.all([...begun, pauses.pause(50)]), [false, false, false]);
    assert.equal(clock.pending, 0);
  });
});
