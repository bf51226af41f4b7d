import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { serviceError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { type Context, defineMethod } from "../core/method/method.ts";
import { IS_LONG } from "../../test/support/long.ts";
import type { ManualClock } from "../testing/manual-clock.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";

const request = z.object({});

suite("Worker in adverse conditions", () => {
  test("with failures of all kinds, limits hold, every operation ends, and no two attempts of one are trusted at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(99)), async (chance) => {
        const roll = (): number => (chance.next().value as number | undefined) ?? 0;
        await chaos(roll);
      }),
      { numRuns: IS_LONG ? 10 : 4 },
    );
  });
});

/**
 * A method whose handlers take a while, fail, stop or finish, and record violations of the rules.
 */
function chaotic(roll: () => number, clock: () => ManualClock) {
  const trusted = new Set<string>();
  const violations: string[] = [];
  let running = 0;
  const run = async (_: unknown, context: Context): Promise<void> => {
    const { name, attempt, signal } = context;
    if (trusted.has(name)) violations.push(`attempt ${attempt} began while another was trusted`);
    trusted.add(name);
    signal.addEventListener("abort", () => trusted.delete(name));
    if (++running > 6) violations.push("more handlers than slots");
    try {
      context.report({ percent: roll() });
      const ms = roll() * 20;
      await new Promise<void>((resolve) => void clock().after(ms, resolve));
      const kind = roll();
      if (kind < 20) throw new Error("unexpected");
      if (kind < 60) signal.throwIfAborted();
    } finally {
      running--;
      if (!signal.aborted) trusted.delete(name);
    }
  };
  const retry = { attempts: 1_000, initialDelay: "100ms", maxDelay: "1s" } as const;
  return { violations, method: defineMethod({ name: "chaos", request, concurrency: 3, retry, run }) };
}

/** Two workers, a failing store, handlers of all kinds, and leases that are not always renewed. */
async function chaos(roll: () => number): Promise<void> {
  const { method, violations } = chaotic(roll, () => opened.clock);
  await using opened = await openTestWorker([method], { leaseMs: 1_000 });
  const { attempts, clock, engine } = opened;
  attempts.fault = () => {
    if (roll() < 20) throw serviceError("STORE_UNAVAILABLE", "away");
  };
  const keeper = bound(attempts.keeper);
  const keep: typeof keeper.keep = (...args) => void (roll() < 50 && keeper.keep(...args));
  Object.assign(attempts, { keeper: { ...keeper, keep } });
  const other = opened.another({ leaseMs: 1_000 });
  opened.worker.start();
  other.start();
  const operations = await Promise.all(Array.from({ length: 12 }, () => opened.start(method)));
  for (let tenths = 0; tenths < 600; tenths++) {
    if (tenths === 200) attempts.fault = () => {};
    await clock.advance(100);
    await engine.sweep.round();
  }
  assert.deepEqual(violations, []);
  const states = await Promise.all(operations.map(async (operation) => (await opened.read(operation)).state));
  assert.deepEqual(new Set(states), new Set(["SUCCEEDED"]));
  const stopped = other.stop({ drainMs: 0 });
  await clock.advance(2 * LIMITS.drainAbortMs);
  await stopped;
}

function bound(keeper: TestWorker["attempts"]["keeper"]): TestWorker["attempts"]["keeper"] {
  return {
    keep: (lease, leaseMs) => keeper.keep(lease, leaseMs),
    letGo: (lease) => keeper.letGo(lease),
    renewedAt: (lease) => keeper.renewedAt(lease),
    watch: (listener) => keeper.watch(listener),
  };
}
