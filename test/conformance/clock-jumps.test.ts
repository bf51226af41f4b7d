import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { systemRandom } from "../../src/core/ports/random.ts";
import { defineMethod, openOperations } from "../../src/index.ts";
import { ManualClock, settled } from "../../src/testing/manual-clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * The wall clock after a second: the amount by which it is set, and the amount by which it is set
 * again three seconds later.
 */
const JUMPS: readonly (readonly [name: string, stepMs: number, backMs: number])[] = [
  ["is a day ahead for three seconds", DAY_MS, -DAY_MS],
  ["is set forward by an hour", HOUR_MS, 0],
  ["is set back by 40 seconds", -40_000, 0],
  ["is set back by a month", -30 * DAY_MS, 0],
  ["is eight hours on, as after a sleep", 8 * HOUR_MS, 0],
];

/** A service whose handlers wait for a gate, fail once, or do nothing. */
async function aService() {
  const clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  const attempts: string[] = [];
  const request = z.object({});
  const hold = defineMethod({
    name: "hold",
    request,
    run: async (_request, { attempt, signal }) => {
      attempts.push(`hold ${attempt}`);
      signal.addEventListener("abort", () => attempts.push(`hold ${attempt} aborted`));
      await gate.promise;
    },
  });
  const flaky = defineMethod({
    name: "flaky",
    request,
    retry: { attempts: 3, initialDelay: "20s", maxDelay: "20s" },
    run: (_request, { attempt }) => {
      attempts.push(`flaky ${attempt}`);
      if (attempt === 1) throw new Error("once");
    },
  });
  const brief = defineMethod({ name: "brief", request, timeToLive: { default: "20s" }, run: () => {} });
  const methods = [hold, flaky, brief];
  // No random factor shortens the delay of a retry.
  const random = { ...systemRandom, fraction: () => 0.999 };
  const operations = await openOperations({ methods, store: "sqlite::memory:", clock, random });
  const close = async () => {
    gate.resolve();
    await operations.stop();
  };
  return { clock, gate, attempts, operations, hold, flaky, brief, [Symbol.asyncDispose]: close };
}

/** Lets seconds pass, and lets everything happen that is due. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000);
    await settled(20);
  }
}

describe("a service whose clock", () => {
  for (const [name, stepMs, backMs] of JUMPS) {
    it(`${name} loses no attempt, and continues`, async () => {
      await using service = await aService();
      const { clock, gate, attempts, operations, hold, flaky, brief } = service;
      const held = await operations.start(hold, {});
      const retried = await operations.start(flaky, {});
      const delayed = await operations.start(brief, {}, { delay: "20s" });
      const gone = await operations.start(brief, {});
      await pass(clock, 1);
      clock.setWall(clock.now() + stepMs);
      await pass(clock, 3);
      clock.setWall(clock.now() + backMs);
      await pass(clock, 12);
      assert.deepEqual(attempts, ["hold 1", "flaky 1"]);
      assert.equal((await operations.get(delayed.name)).state, "PENDING");
      assert.equal((await operations.get(gone.name)).state, "SUCCEEDED");
      await pass(clock, 10);
      assert.deepEqual(attempts, ["hold 1", "flaky 1", "flaky 2"]);
      assert.equal((await operations.get(retried.name)).state, "SUCCEEDED");
      assert.equal((await operations.get(delayed.name)).state, "SUCCEEDED");
      await assert.rejects(operations.get(gone.name), { code: "NOT_FOUND" });
      await pass(clock, 60);
      gate.resolve();
      await settled(20);
      assert.equal((await operations.get(held.name)).state, "SUCCEEDED");
      assert.equal(attempts.includes("hold 1 aborted"), false);
    });
  }
});
