import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import { silence, type Tell } from "../../core/events.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { StoreClock } from "./store-clock.ts";

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function aTime(newest?: number, tell: Tell = silence) {
  const clock = new ManualClock(START);
  return { clock, time: new StoreClock({ clock, tell }, newest) };
}

/** Reads the clock once a second, as the sweep does. */
async function pass(clock: ManualClock, time: StoreClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000);
    time.now();
  }
}

test("the time approaches a changed clock by 50 ms a second, and agrees with it in the end", async () => {
  for (const stepMs of [40_000, -40_000]) {
    const { clock, time } = aTime();
    clock.setWall(START + stepMs);
    assert.equal(time.now(), START);
    await pass(clock, time, 100);
    assert.equal(time.now(), START + 100_000 + (stepMs / 40_000) * 5_000);
    await pass(clock, time, 701);
    assert.equal(time.now(), clock.now());
  }
});

test("a clock that is a day ahead for three seconds adds 150 ms, which are taken back", async () => {
  const { clock, time } = aTime();
  clock.setWall(START + DAY_MS);
  await pass(clock, time, 3);
  assert.equal(time.now(), START + 3_150);
  clock.setWall(START + 3_000);
  await pass(clock, time, 3);
  assert.equal(time.now(), clock.now());
});

test("a second without reads, and a whole day, move it by no more than one second's part", async () => {
  const { clock, time } = aTime();
  await clock.advance(DAY_MS);
  clock.setWall(START + 2 * DAY_MS);
  assert.equal(time.now(), START + DAY_MS + 50);
});

test("a clock that is a few milliseconds ahead is followed at once", () => {
  const { clock, time } = aTime();
  clock.setWall(START + LIMITS.clockGrainMs);
  assert.equal(time.now(), START + LIMITS.clockGrainMs);
});

test("whatever the clock does, the time never goes back and is never more than a twentieth too fast or too slow", async () => {
  const stepMs = fc.oneof(fc.constant(0), fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS }));
  const passedMs = fc.oneof(fc.nat(5), fc.nat(2_000), fc.nat(DAY_MS));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(stepMs, passedMs)), async (turns) => {
      const { clock, time } = aTime();
      let [before, grains] = [time.now(), 0];
      for (const [step, passed] of turns) {
        clock.setWall(clock.now() + step);
        await clock.advance(passed);
        grains += LIMITS.clockGrainMs;
        const now = time.now();
        assert.ok(now >= before, `${now} comes before ${before}`);
        const most = before + passed * (1 + LIMITS.clockMovePart) + LIMITS.clockGrainMs + 1;
        assert.ok(now <= most, `${now} comes after ${most}`);
        assert.ok(now >= before + passed * (1 - LIMITS.clockMovePart) - 1);
        before = now;
      }
    }),
    { numRuns: 200 },
  );
});

test("it continues from the newest instant of the file, if the clock is behind", async () => {
  const { clock, time } = aTime(START + 60_000);
  assert.equal(time.now(), START + 60_000);
  await pass(clock, time, 100);
  assert.equal(time.now(), START + 60_000 + 95_000);
});

test("nothing is removed for an hour after a start whose clock is far ahead of the file", async () => {
  const { clock, time } = aTime(START - 2 * DAY_MS);
  assert.equal(time.now(), START);
  assert.equal(time.mayRemove(), false);
  await clock.advance(HOUR_MS - 1);
  assert.equal(time.mayRemove(), false);
  await clock.advance(1);
  assert.equal(time.mayRemove(), true);
});

test("nothing is removed after such a start once the clock was set back, however long ago", async () => {
  const { clock, time } = aTime(START - 365 * DAY_MS);
  clock.setWall(START - 365 * DAY_MS);
  await clock.advance(2 * HOUR_MS);
  assert.equal(time.mayRemove(), false);
  const next = new StoreClock({ clock, tell: silence }, time.now());
  assert.ok(next.now() >= time.now());
  await clock.advance(2 * HOUR_MS);
  assert.equal(next.mayRemove(), false);
});

test("expired operations are removed if the clock and the file agree at the start, whatever the clock does then", async () => {
  for (const newest of [0, START - DAY_MS, START + DAY_MS]) {
    const { clock, time } = aTime(newest);
    for (const stepMs of [DAY_MS * 30, -DAY_MS * 60]) {
      clock.setWall(clock.now() + stepMs);
      await clock.advance(1_000);
      assert.equal(time.mayRemove(), true);
    }
  }
});

test("it reports once that the clock was set, and once that both agree again", async () => {
  const told: string[] = [];
  const tell: Tell = {
    "clock.set": () => told.push("set"),
    "clock.agrees": () => told.push("agrees"),
    "clock.behind": () => told.push("behind"),
    "clock.doubted": () => told.push("doubted"),
  };
  const { clock, time } = aTime(undefined, tell);
  clock.setWall(START + 2_000);
  await pass(clock, time, 60);
  clock.setWall(clock.now() - 500);
  await pass(clock, time, 60);
  assert.deepEqual(told, ["set", "agrees"]);
  aTime(START + 10 * DAY_MS, tell);
  assert.deepEqual(told, ["set", "agrees", "behind", "doubted"]);
});
