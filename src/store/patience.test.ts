import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { Lane } from "./lane.ts";
import { isOver, type Patience } from "./patience.ts";

test("the time of an item is over when another try as long as the last would end too late", async () => {
  const clock = new ManualClock();
  const patience: Patience = { clock, patienceMs: 8_000, pause: () => Promise.resolve(), aloneMax: 1 };
  const addedAt = clock.monotonic();
  const overAfter = (triedMs: number): boolean => isOver(patience, { addedAt, triedMs });
  assert.deepEqual([0, 8_000, 8_001].map(overAfter), [false, false, true]);
  await clock.advance(6_000);
  assert.deepEqual([0, 2_000, 2_001].map(overAfter), [false, false, true]);
  await clock.advance(2_001);
  assert.equal(overAfter(0), true);
});

const LOCKED = new Error("another transaction has the lock");

test("An item whose tries take long is refused before a try that would end after its time", async () => {
  const clock = new ManualClock();
  let tries = 0;
  const lane = new Lane<string, string>({
    clock,
    inFlightMax: 1,
    batchVerdictOf: () => "again",
    patience: { clock, patienceMs: 8_000, pause: () => Promise.resolve(), aloneMax: 2 },
    carryOut: () => {
      tries++;
      return new Promise((_, reject) => clock.after(3_000, () => reject(LOCKED)));
    },
  });
  const refused = assert.rejects(lane.add("a"), LOCKED);
  await clock.advance(0);
  await clock.advance(3_000);
  await clock.advance(3_000);
  await refused;
  assert.equal(tries, 2);
});
