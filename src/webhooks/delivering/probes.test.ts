import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { Postponed } from "../../core/method/postponed.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Probes } from "./probes.ts";

const { webhookProbeAfter: FAILURES, webhookProbeMs: MINUTE_MS, webhookProbeWaitMsMax: WAIT_MS } = LIMITS;

/** The delay of a delivery; 0 if it may try. */
function putOffMs(probes: Probes, receiver: string): number {
  try {
    probes.enter(receiver);
    return 0;
  } catch (error) {
    assert.ok(error instanceof Postponed);
    return error.delayMs;
  }
}

function failing(times: number = FAILURES): { readonly probes: Probes; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const probes = new Probes(clock);
  for (let each = 0; each < times; each++) probes.failed("a");
  return { probes, clock };
}

test("after five failures in a row one delivery a minute is tried, and the others follow a minute apart", async () => {
  assert.equal(putOffMs(failing(FAILURES - 1).probes, "a"), 0);
  const { probes, clock } = failing();
  assert.deepEqual(
    [putOffMs(probes, "a"), putOffMs(probes, "a"), putOffMs(probes, "b")],
    [MINUTE_MS, 2 * MINUTE_MS, 0],
  );
  await clock.advance(MINUTE_MS);
  assert.equal(putOffMs(probes, "a"), 0);
  assert.equal(putOffMs(probes, "a"), 2 * MINUTE_MS, "behind the one that was put off before");
  probes.failed("a");
  await clock.advance(MINUTE_MS - 1);
  assert.notEqual(putOffMs(probes, "a"), 0);
});

test("nothing is delayed for longer than ten minutes at a time, and a success releases all", () => {
  const { probes } = failing();
  const waits = Array.from({ length: 50 }, () => putOffMs(probes, "a"));
  assert.equal(Math.max(...waits), WAIT_MS);
  probes.succeeded("a");
  assert.equal(putOffMs(probes, "a"), 0);
  assert.equal(probes.count, 0);
});

test("a limited number of receivers is remembered, and the receiver that failed longest ago is forgotten first", () => {
  const { probes } = failing();
  for (let each = 0; each < LIMITS.webhookReceiversMax; each++) probes.failed(`b${each}`);
  assert.equal(probes.count, LIMITS.webhookReceiversMax);
  assert.equal(putOffMs(probes, "a"), 0);
});
