import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { pause } from "./pause.ts";

test("pause() ends after its time", async () => {
  const clock = new ManualClock();
  let ended = false;
  const paused = pause(clock, 100).then(() => (ended = true));
  await clock.advance(99);
  assert.equal(ended, false);
  await clock.advance(1);
  await paused;
});

test("pause() rejects with the signal's reason, before and during", async () => {
  const clock = new ManualClock();
  await assert.rejects(pause(clock, 1, AbortSignal.abort(new Error("before"))), { message: "before" });
  const controller = new AbortController();
  const paused = assert.rejects(pause(clock, 1, controller.signal), { message: "during" });
  controller.abort(new Error("during"));
  await paused;
  assert.equal(clock.pending, 0);
});
