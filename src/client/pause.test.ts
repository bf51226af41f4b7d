import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ManualClock, settled } from "../testing/manual-clock.ts";
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

test("pause() leaves no listener and nothing that keeps the process alive, however it ends", async () => {
  const clock = new ManualClock();
  const { signal, abort } = abortable();
  const before = ports();
  const [ended, aborted] = [pause(clock, 1, signal), pause(clock, 2, signal)];
  assert.equal(getEventListeners(signal, "abort").length, 2);
  await clock.advance(1);
  await ended;
  assert.equal(getEventListeners(signal, "abort").length, 1);
  abort();
  await assert.rejects(aborted);
  assert.equal(getEventListeners(signal, "abort").length, 0);
  await settled();
  assert.equal(ports(), before);
});

function ports(): number {
  return process.getActiveResourcesInfo().filter((each) => each === "MessagePort").length;
}

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error("enough")) };
}

test("pause() rejects with the signal's reason, before and during", async () => {
  const clock = new ManualClock();
  await assert.rejects(pause(clock, 1, AbortSignal.abort(new Error("before"))), { message: "before" });
  const controller = new AbortController();
  const paused = assert.rejects(pause(clock, 1, controller.signal), { message: "during" });
  controller.abort(new Error("during"));
  await paused;
  assert.equal(clock.pending, 0);
});
