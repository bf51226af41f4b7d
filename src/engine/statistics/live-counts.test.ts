import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { LiveCount, StatisticsStore } from "../../core/ports/statistics-store.ts";
import { storeUnavailable } from "../../store/fault.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { LiveCounts } from "./live-counts.ts";

const count = (waiting: number): LiveCount => ({
  method: "m",
  waiting,
  blocked: 0,
  delayed: 0,
  running: 0,
  oldestWaiting: null,
  oldestBlocked: null,
});

function aStore() {
  const clock = new ManualClock();
  let asked = 0;
  const state: { fault: Error | undefined; gate: Promise<void> } = {
    fault: undefined,
    gate: Promise.resolve(),
  };
  const counts = async (): Promise<readonly LiveCount[]> => {
    const number = ++asked;
    await state.gate;
    if (state.fault !== undefined) throw state.fault;
    return [count(number)];
  };
  const store = { time: () => clock.now(), statistics: { counts } as StatisticsStore };
  return { clock, state, live: new LiveCounts({ store, clock }), asked: () => asked };
}

test("all callers share one read, and the next follows two seconds later", async () => {
  const { clock, state, live, asked } = aStore();
  const gate = Promise.withResolvers<void>();
  state.gate = gate.promise;
  const asOf = clock.now();
  const answers = Array.from({ length: 20 }, () => live.now());
  await clock.advance(LIMITS.countsIntervalMs);
  answers.push(live.now());
  gate.resolve();
  for (const answer of await Promise.all(answers))
    assert.deepEqual(answer, { counts: [count(1)], asOf, failure: undefined });
  // The last read began two seconds ago.
  await live.now();
  assert.equal(asked(), 2);
  await clock.advance(LIMITS.countsIntervalMs - 1);
  assert.deepEqual((await live.now()).counts, [count(2)]);
  await clock.advance(1);
  assert.deepEqual((await live.now()).counts, [count(3)]);
});

test("if the store does not answer in time, the last answer is returned as stale, and the store is not asked more often", async () => {
  const { clock, state, live, asked } = aStore();
  state.fault = storeUnavailable("it takes too long");
  await assert.rejects(live.now(), { reason: "STORE_UNAVAILABLE" });
  await assert.rejects(live.now(), { reason: "STORE_UNAVAILABLE" });
  assert.equal(asked(), 1);
  state.fault = undefined;
  await clock.advance(LIMITS.countsIntervalMs);
  const asOf = clock.now();
  await live.now();
  const failure = storeUnavailable("it takes too long");
  state.fault = failure;
  await clock.advance(LIMITS.countsIntervalMs);
  for (let each = 0; each < 3; each++)
    assert.deepEqual(await live.now(), { counts: [count(2)], asOf, failure });
  assert.equal(asked(), 3);
  state.fault = undefined;
  await clock.advance(LIMITS.countsIntervalMs);
  assert.equal((await live.now()).failure, undefined);
});

test("a bug is not an answer", async () => {
  const { clock, state, live } = aStore();
  await live.now();
  await clock.advance(LIMITS.countsIntervalMs);
  state.fault = new Error("a bug");
  await assert.rejects(live.now(), /a bug/);
});
