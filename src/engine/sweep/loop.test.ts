import assert from "node:assert/strict";
import { test } from "node:test";
import { tellLog } from "../../core/event-log.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Loop, type LoopTask } from "./loop.ts";

/** A loop with the given task, and its log. */
function aLoop(run: LoopTask["run"]) {
  const clock = new ManualClock();
  const logged: string[] = [];
  const note =
    (level: string) =>
    (message: string): void =>
      void logged.push(`${level}: ${message}`);
  const tell = tellLog({
    debug: note("debug"),
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
  });
  return { clock, logged, loop: new Loop({ task: { name: "a task", run }, clock, tell }) };
}

test("a loop begins at once, and continues after the pause that each round returns", async () => {
  const at: number[] = [];
  const { clock, loop } = aLoop(async () => {
    at.push(clock.monotonic());
    return at.length * 100;
  });
  loop.start();
  await clock.advance(600);
  assert.deepEqual(at, [0, 100, 300, 600]);
  await loop.stop();
  assert.equal(clock.pending, 0);
});

test("a failure is logged once however often it repeats, and so is its end", async () => {
  let rounds = 0;
  const { clock, loop, logged } = aLoop(async () => {
    rounds++;
    if (rounds <= 3) throw new Error("the store is away");
    return 1_000;
  });
  loop.start();
  await clock.advance(3 * LIMITS.sweepIntervalMs);
  assert.equal(rounds, 4);
  assert.deepEqual(logged, ["error: the sweep failed; trying again", "info: the sweep works again"]);
  await loop.stop();
});

test("stop() informs the current round, waits for it, and no other follows", async () => {
  const under = Promise.withResolvers<void>();
  const asked: (() => boolean)[] = [];
  let rounds = 0;
  const { clock, loop } = aLoop(async (goesOn) => {
    rounds++;
    asked.push(goesOn);
    await under.promise;
    return 0;
  });
  loop.start();
  await clock.advance(0);
  assert.equal(asked[0]?.(), true);
  let stopped = false;
  const stopping = loop.stop().then(() => (stopped = true));
  await clock.advance(10_000);
  assert.deepEqual([asked[0]?.(), stopped, rounds], [false, false, 1]);
  under.resolve();
  await stopping;
  await clock.advance(10_000);
  assert.equal(rounds, 1);
});
