import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../core/error/error.ts";
import type { LiveCount } from "../core/ports/statistics-store.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { BoundedNames } from "./bounded-names.ts";
import { Gauges } from "./gauges.ts";

const count = (method: string, more: Partial<LiveCount> = {}): LiveCount => ({
  method,
  waiting: 0,
  blocked: 0,
  delayed: 0,
  running: 0,
  oldestWaiting: null,
  oldestBlocked: null,
  ...more,
});

function looked(
  answers: readonly (readonly LiveCount[] | StatusError)[],
  labels = new BoundedNames(["idle"]),
) {
  const clock = new ManualClock();
  let asked = 0;
  const counts = async (): Promise<readonly LiveCount[]> => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer instanceof StatusError) throw answer;
    return answer ?? [];
  };
  const observed = {
    slots: () => ({ used: 3, limit: 64 }),
    waiting: () => 7,
    watching: () => 5,
    counts,
    time: () => 60_000,
  };
  const gauges = new Gauges({ observed, clock, declared: ["idle"], labels });
  const shown = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await gauges.readings()).map(({ name, values, value }) => [[name, ...values].join(" "), value]),
    );
  return { clock, shown, asked: () => asked };
}

suite("Gauges", () => {
  test("show this process, the store, and methods without operations", async () => {
    const busy = count("busy", { waiting: 5, blocked: 1, delayed: 2, running: 4, oldestWaiting: 45_000 });
    const { shown } = looked([[busy]]);
    const found = await shown();
    assert.equal(found["longrunning.slots.used"], 3);
    assert.equal(found["longrunning.slots.limit"], 64);
    assert.equal(found["longrunning.waiters"], 7);
    assert.equal(found["longrunning.watchers"], 5);
    assert.equal(found["longrunning.operations.pending busy"], 5);
    assert.equal(found["longrunning.operations.blocked busy"], 1);
    assert.equal(found["longrunning.operations.delayed busy"], 2);
    assert.equal(found["longrunning.operations.running busy"], 4);
    assert.equal(found["longrunning.operations.pending.age.max busy"], 15);
    assert.equal(found["longrunning.operations.pending idle"], 0);
    assert.equal(found["longrunning.operations.pending.age.max idle"], 0);
  });

  test("query the store once in 15 seconds, however many scrapers read", async () => {
    const { clock, shown, asked } = looked([[count("m", { waiting: 1 })], [count("m", { waiting: 2 })]]);
    const pending = "longrunning.operations.pending m";
    const both = await Promise.all([shown(), shown()]);
    assert.deepEqual([both[0]?.[pending], both[1]?.[pending], asked()], [1, 1, 1]);
    await clock.advance(14_999);
    assert.deepEqual([(await shown())[pending], asked()], [1, 1]);
    await clock.advance(1);
    assert.deepEqual([(await shown())[pending], asked()], [2, 2]);
  });

  test("show the last counts of an unavailable store for a minute, and everything else for ever", async () => {
    const { clock, shown } = looked([[count("m", { waiting: 1 })], new StatusError("UNAVAILABLE", "away")]);
    await shown();
    await clock.advance(60_000);
    assert.equal((await shown())["longrunning.operations.pending m"], 1);
    await clock.advance(1);
    const found = await shown();
    assert.equal(found["longrunning.operations.pending m"], undefined);
    assert.equal(found["longrunning.waiters"], 7);
  });

  test("sum methods that share a label", async () => {
    const labels = new BoundedNames(Array.from({ length: 1_000 }, (_, index) => `m${index}`));
    const a = count("a", { waiting: 1, running: 2, oldestWaiting: 50_000 });
    const b = count("b", { waiting: 10, oldestWaiting: 40_000 });
    const found = await looked([[a, b, count("c")]], labels).shown();
    assert.equal(found["longrunning.operations.pending other"], 11);
    assert.equal(found["longrunning.operations.running other"], 2);
    assert.equal(found["longrunning.operations.pending.age.max other"], 20);
  });
});
