import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { EventFields, Tell } from "../../core/events.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Retries } from "./retries.ts";

function someRetries() {
  const clock = new ManualClock();
  const told: EventFields<"sweep.passed-over">[] = [];
  const tell: Tell = { "sweep.passed-over": (fields) => void told.push(fields) };
  return { clock, told, retries: new Retries("end", { clock, tell }) };
}

test("each failure doubles the pause, up to the longest", async () => {
  const { clock, retries } = someRetries();
  assert.equal(retries.isDue("a"), true);
  const pauses: number[] = [];
  for (let failure = 0; failure < 12; failure++) {
    retries.fail("a", new Error("no"));
    const failedAt = clock.monotonic();
    while (!retries.isDue("a")) await clock.advance(LIMITS.sweepRetryMsMin);
    pauses.push(clock.monotonic() - failedAt);
  }
  assert.deepEqual(pauses.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
  assert.deepEqual(pauses.slice(-2), [LIMITS.sweepRetryMsMax, LIMITS.sweepRetryMsMax]);
});

test("a success resets the failures before it", async () => {
  const { clock, retries } = someRetries();
  retries.fail("a", new Error("no"));
  retries.fail("a", new Error("no"));
  retries.succeed("a");
  retries.fail("a", new Error("no"));
  await clock.advance(LIMITS.sweepRetryMsMin);
  assert.equal(retries.isDue("a"), true);
});

test("one event reports the first failure, and once a minute the number that followed", async () => {
  const { clock, told, retries } = someRetries();
  const error = new Error("no");
  for (const id of ["a", "b", "c"]) retries.fail(id, error);
  assert.deepEqual(told, [
    { verb: "end", id: "a", failures: 1, retryMs: LIMITS.sweepRetryMsMin, count: 1, error },
  ]);
  await clock.advance(LIMITS.sweepLogIntervalMs);
  retries.fail("b", error);
  assert.deepEqual(told[1], {
    verb: "end",
    id: "b",
    failures: 2,
    retryMs: 2 * LIMITS.sweepRetryMsMin,
    count: 3,
    error,
  });
});

test("a limited number is remembered: the oldest failure is dropped", () => {
  const { retries } = someRetries();
  for (let index = 0; index < LIMITS.sweepRetriesMax; index++) retries.fail(String(index), new Error("no"));
  retries.fail("0", new Error("no"));
  retries.fail("one more", new Error("no"));
  assert.equal(retries.count, LIMITS.sweepRetriesMax);
  assert.deepEqual([retries.isDue("0"), retries.isDue("1"), retries.isDue("2")], [false, true, false]);
  assert.equal(retries.notDue().length, LIMITS.sweepRetriesMax);
});
