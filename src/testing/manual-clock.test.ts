import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "./manual-clock.ts";

describe("ManualClock.advance()", () => {
  it("fires due timers in order, and timers that they set in turn", async () => {
    const clock = new ManualClock(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b${clock.now()}`));
    clock.after(10, () => {
      fired.push(`a${clock.now()}`);
      clock.after(5, () => fired.push(`c${clock.now()}`));
    });
    clock.after(100, () => fired.push("never")).cancel();
    await clock.advance(50);
    assert.deepEqual(fired, ["a10", "c15", "b20"]);
    assert.equal(clock.now(), 50);
    assert.equal(clock.pending, 0);
  });
});

describe("ManualClock.setWall()", () => {
  it("sets the wall clock and not the monotonic clock", async () => {
    const clock = new ManualClock(1_000);
    await clock.advance(5);
    clock.setWall(50);
    assert.equal(clock.now(), 50);
    assert.equal(clock.monotonic(), 5);
  });
});

it("fires timers of one instant in the order in which they were set", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  for (const each of [1, 2, 3]) clock.after(5, () => fired.push(each));
  await clock.advance(5);
  assert.deepEqual(fired, [1, 2, 3]);
});
