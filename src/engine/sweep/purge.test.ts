import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { silence } from "../../core/events.ts";
import type { Command, PurgeAnswer, Store } from "../../core/ports/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Records } from "../records.ts";
import { Purge } from "./purge.ts";

/**
 * The store's waiting time for each purge and its work per record, in milliseconds, and the number
 * of removable records in `left`.
 */
interface Load {
  waitMs: number;
  workMsEach: number;
  left: number;
}

/** A purge of a store under a load, with the limits of its requests. */
function aPurge(load: Load, pollMs: number | null = null) {
  const clock = new ManualClock();
  const limits: number[] = [];
  const write = async (command: Command): Promise<PurgeAnswer> => {
    const limit = command.verb === "purge" ? command.limit : 0;
    limits.push(limit);
    const count = Math.min(limit, load.left);
    load.left -= count;
    await clock.advance(load.waitMs + count * load.workMsEach);
    return { ids: Array.from({ length: count }, () => "id"), workMs: count * load.workMsEach };
  };
  const records = new Records({ write, pollMs } as unknown as Store, silence);
  return { limits, purge: new Purge({ records, clock, tell: silence }) };
}

test("a purge with more to remove leaves the store to others for as long as it worked, and continues later", async () => {
  const { purge } = aPurge({ waitMs: 0, workMsEach: 0.01, left: 2 * LIMITS.sweepBatch });
  const workMs = LIMITS.sweepBatch * 0.01;
  assert.equal(await purge.round(), workMs);
  assert.equal(await purge.round(), workMs);
  assert.equal(await purge.round(), LIMITS.sweepIntervalMs);
});

test("time spent in the queue is not work: the busier the store, the shorter the pause", async () => {
  const load = { waitMs: 0.5, workMsEach: 0.01, left: 1_000_000 };
  const { purge } = aPurge(load);
  assert.equal(await purge.round(), LIMITS.sweepBatch * 0.01 - load.waitMs);
  load.waitMs = 5_000;
  assert.equal(await purge.round(), 0);
});

test("a slow store removes fewer at once, and more again when it is fast", async () => {
  const load = { waitMs: 0, workMsEach: 0.1, left: 1_000_000 };
  const { limits, purge } = aPurge(load);
  for (let round = 0; round < 3; round++) assert.ok((await purge.round()) <= 50);
  assert.deepEqual(limits, [LIMITS.sweepBatch, LIMITS.sweepHoldMs * 10, LIMITS.sweepHoldMs * 10]);
  load.workMsEach = 100;
  assert.equal(await purge.round(), LIMITS.sweepIntervalMs, "no pause is longer, whatever the work took");
  await purge.round();
  assert.equal(limits.at(-1), LIMITS.sweepBatchMin);
  load.workMsEach = 0.001;
  for (let round = 0; round < 6; round++) await purge.round();
  assert.deepEqual(limits.slice(-6), [20, 40, 80, 160, LIMITS.sweepBatch, LIMITS.sweepBatch]);
});

test("a database server removes full batches even if each takes long, and smaller ones if it takes too long", async () => {
  const load = { waitMs: 0, workMsEach: LIMITS.sweepServerMs / LIMITS.sweepBatch, left: 1_000_000 };
  const { limits, purge } = aPurge(load, 1_000);
  await purge.round();
  await purge.round();
  assert.deepEqual(limits, [LIMITS.sweepBatch, LIMITS.sweepBatch]);
  load.workMsEach *= 2;
  await purge.round();
  await purge.round();
  assert.equal(limits.at(-1), LIMITS.sweepBatch / 2);
});

test("records that cannot be removed are skipped, and retried after a pause", async () => {
  const clock = new ManualClock();
  const logged: string[] = [];
  const bad = new Set(["bad 1", "bad 2"]);
  const left = new Set([...bad, "good 1", "good 2", "good 3"]);
  const write = async ([command]: readonly [Command]): Promise<PurgeAnswer> => {
    assert.ok(command.verb === "purge");
    const { limit, except = [] } = command;
    const tried = [...left].filter((id) => !except.includes(id)).slice(0, limit);
    const ids = tried.filter((id) => !bad.has(id));
    for (const id of ids) left.delete(id);
    const failed = tried.filter((id) => bad.has(id)).map((id) => ({ id, error: new Error("kept") }));
    return { ids, failed, workMs: 0 };
  };
  const records = new Records({ write: (command: Command) => write([command]) } as unknown as Store, silence);
  const purge = new Purge({
    records,
    clock,
    tell: { "sweep.passed-over": ({ id }) => void logged.push(id) },
  });
  assert.equal(await purge.round(), LIMITS.sweepIntervalMs);
  assert.deepEqual([...left], [...bad]);
  bad.clear();
  await purge.round();
  assert.equal(left.size, 2, "not yet");
  await clock.advance(LIMITS.sweepRetryMsMin);
  await purge.round();
  assert.equal(left.size, 0);
  assert.equal(logged.length, 1);
});

test("locked records do not end a purge: it continues with the rest, unless it found nothing else", async () => {
  const answers: readonly PurgeAnswer[] = [
    { ids: Array.from({ length: LIMITS.sweepBatch - 1 }, () => "id"), passed: 1, workMs: 0 },
    { ids: [], passed: LIMITS.sweepBatch },
  ];
  let asked = 0;
  const write = (): Promise<PurgeAnswer | undefined> => Promise.resolve(answers[asked++]);
  const records = new Records({ write } as unknown as Store, silence);
  const purge = new Purge({ records, clock: new ManualClock(), tell: silence });
  assert.equal(await purge.round(), 0);
  assert.equal(await purge.round(), LIMITS.sweepIntervalMs);
});

test("after a long round that found nothing the purge rests, unless its store maintains files when it writes", async () => {
  for (const { pollMs, pauseMs } of [
    { pollMs: 1_000, pauseMs: 3_000 },
    { pollMs: null, pauseMs: LIMITS.sweepIntervalMs },
  ]) {
    const clock = new ManualClock();
    const write = async (): Promise<PurgeAnswer> => {
      await clock.advance(120);
      return { ids: [] };
    };
    const records = new Records({ write, pollMs } as unknown as Store, silence);
    const purge = new Purge({ records, clock, tell: silence });
    await purge.round();
    assert.equal(await purge.round(), pauseMs);
  }
});
