import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { z } from "zod";
import { type Context, defineMethod } from "../../core/method/method.ts";
import type { ManualClock } from "../../testing/manual-clock.ts";
import { away } from "./remote-server.suite.ts";
import { openRemoteWorld } from "./remote-worker.suite.ts";

const request = z.object({});
const CONCURRENCY = 3;
const WORKERS = 2;
const DONE: ReadonlySet<string> = new Set(["SUCCEEDED"]);
/** Longer than a first lease. */
const LEASE_MS = 12_000;

suite("workers without the store on bad days", () => {
  test("with lost, late and reordered messages, limits hold, every operation ends, and no two attempts of one are trusted at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(99)), async (chance) => {
        await chaos(() => (chance.next().value as number | undefined) ?? 0);
      }),
      { numRuns: 5 },
    );
  });
});

/**
 * Methods whose handlers take a while, fail, stop or finish, and record violations of the rules.
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
    if (++running > WORKERS * CONCURRENCY) violations.push("more handlers than slots");
    try {
      context.report({ percent: roll() });
      await new Promise<void>((resolve) => void clock().after(roll() * 300, resolve));
      const kind = roll();
      if (kind < 20) throw new Error("unexpected");
      if (kind < 60) signal.throwIfAborted();
    } finally {
      running--;
      if (!signal.aborted) trusted.delete(name);
    }
  };
  const retry = { attempts: 1_000, initialDelay: "100ms", maxDelay: "1s" } as const;
  const narrow = defineMethod({ name: "narrow", request, concurrency: 1, retry, run });
  const wide = defineMethod({ name: "wide", request, retry, run });
  return { violations, methods: [narrow, wide] as const };
}

/** Two workers, a network that loses or delays calls and answers, and handlers of all kinds. */
async function chaos(roll: () => number): Promise<void> {
  const { methods, violations } = chaotic(roll, () => world.clock);
  await using world = await openRemoteWorld(methods, {
    leaseMs: LEASE_MS,
    concurrency: CONCURRENCY,
  });
  const { clock, engine, server } = world;
  server.pass = async () => {
    if (roll() < 15) throw away();
    await new Promise<void>((resolve) => void clock.after(roll() * (roll() < 15 ? 130 : 2), resolve));
  };
  const other = world.another();
  world.worker.start();
  other.start();
  const operations = await Promise.all(
    Array.from({ length: 16 }, (_, each) => world.start(methods[each % 2 === 0 ? 0 : 1])),
  );
  const states = async (): Promise<ReadonlySet<string>> =>
    new Set((await Promise.all(operations.map((each) => world.read(each)))).map(({ state }) => state));
  for (let each = 0; each < 2_500; each++) {
    if (each === 500) server.pass = () => Promise.resolve();
    await clock.advance(300);
    await engine.sweep.round();
    if (each > 500 && each % 100 === 0 && isDeepStrictEqual(await states(), DONE)) break;
  }
  assert.deepEqual(violations, []);
  assert.deepEqual(await states(), DONE);
}
