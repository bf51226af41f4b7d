import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LiveCount } from "../../core/ports/statistics-store.ts";
import { bucketOf } from "../../core/statistics/histogram.ts";
import { type AttentionFacts, attentionOf, type MethodFacts } from "./attention.ts";
import { NO_COUNTS } from "./counted.ts";
import { liveCount, processRow } from "./facts.suite.ts";

const NOW = Date.UTC(2026, 0, 2, 14);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const waitingFor = (ms: number, waiting = 5): LiveCount => liveCount({ waiting, oldestWaiting: NOW - ms });
const method = (fields: Partial<MethodFacts> = {}): MethodFacts => ({
  method: "pack",
  live: undefined,
  pauseTime: null,
  lately: NO_COUNTS,
  before: NO_COUNTS,
  tenMinutes: NO_COUNTS,
  beginOfDay: new Map(),
  failure: "",
  key: undefined,
  ...fields,
});
const found = (fields: Partial<MethodFacts>, processes: AttentionFacts["processes"] = [processRow()]) =>
  attentionOf({ now: NOW, methods: [method(fields)], processes });
const rules = (fields: Partial<MethodFacts>, processes?: AttentionFacts["processes"]) =>
  found(fields, processes).map(({ rule }) => rule);
const lost = (workerLost: number) => ({ ...NO_COUNTS, workerLost });
const ends = (failed: number, succeeded: number) => ({ ...NO_COUNTS, failed, succeeded });

describe("attentionOf()", () => {
  it("finds nothing if nothing is wrong", () => {
    assert.deepEqual(rules({}), []);
    assert.deepEqual(rules({ live: waitingFor(SECOND), lately: ends(0, 100) }), []);
    assert.deepEqual(attentionOf({ now: NOW, methods: [], processes: [] }), []);
  });

  it("failing: a large share of enough ends, and more than before or most of them", () => {
    assert.deepEqual(rules({ lately: ends(9, 0) }), [], "nine ends say little");
    assert.deepEqual(rules({ lately: ends(10, 0) }), ["failing"]);
    assert.deepEqual(rules({ lately: ends(19, 81) }), []);
    assert.deepEqual(rules({ lately: ends(20, 80) }), ["failing"]);
    assert.deepEqual(rules({ lately: ends(20, 80), before: ends(7, 93) }), [], "not three times as often");
    assert.deepEqual(rules({ lately: ends(21, 79), before: ends(7, 93) }), ["failing"]);
    assert.deepEqual(
      rules({ lately: ends(50, 50), before: ends(50, 50) }),
      ["failing"],
      "always is wrong too",
    );
    const [failing] = found({ lately: ends(82, 18), failure: "UNAVAILABLE, “smtp relay timed out”" });
    assert.equal(failing?.sentence, "failed 82 % of the time in the last 5 minutes");
    assert.equal(failing.detail, "UNAVAILABLE, “smtp relay timed out”");
    assert.deepEqual(
      [failing.linkText, failing.link],
      ["Show 82 failures", "#/operations?view=failed&method=pack"],
    );
  });

  it("late: the oldest has waited longer than a minute and ten times longer than usual", () => {
    assert.deepEqual(rules({ live: waitingFor(MINUTE) }), []);
    assert.deepEqual(rules({ live: waitingFor(MINUTE + 1) }), ["late"]);
    const beginOfDay = new Map([[bucketOf(20 * SECOND), 100]]);
    assert.deepEqual(
      rules({ live: waitingFor(130 * SECOND), beginOfDay }),
      [],
      "ten times 20 s is about 200 s",
    );
    assert.deepEqual(rules({ live: waitingFor(310 * SECOND), beginOfDay }), ["late"]);
    const [late] = found({ live: waitingFor(14 * MINUTE) });
    assert.deepEqual([late?.sentence, late?.since], ["has waited 14 min to begin", NOW - 14 * MINUTE]);
  });

  it("no-worker: operations wait, and no live process runs the method", () => {
    const waits = { live: waitingFor(30 * SECOND) };
    assert.deepEqual(rules(waits, []), ["no-worker"]);
    assert.deepEqual(rules({ live: waitingFor(30 * SECOND - 1) }, []), []);
    assert.deepEqual(rules(waits, [processRow({ methods: ["clean"] })]), ["no-worker"]);
    assert.deepEqual(rules(waits, [processRow({ slots: 0 })]), ["no-worker"]);
    assert.deepEqual(rules(waits, [processRow({ draining: true })]), ["no-worker"]);
    assert.deepEqual(rules(waits), []);
    assert.deepEqual(rules({ live: waitingFor(MINUTE + 1) }, []), ["no-worker"], "not late as well");
    assert.deepEqual(rules({ live: liveCount({ delayed: 3 }) }, []), [], "what is delayed waits for nobody");
    const [one] = found({ live: waitingFor(MINUTE, 1) }, []);
    assert.equal(one?.sentence, "has no worker, and 1 waits");
  });

  it("full: all slots are taken, operations wait, and more are started than end", () => {
    const busy = [processRow({ running: 4 }), processRow({ id: "b", running: 4 })];
    const grows = { live: waitingFor(SECOND), lately: { ...ends(0, 10), started: 11 } };
    assert.deepEqual(rules(grows, busy), ["full"]);
    assert.deepEqual(rules(grows, [processRow({ running: 4 }), processRow({ running: 3 })]), []);
    assert.deepEqual(rules({ ...grows, live: undefined }, busy), []);
    assert.deepEqual(rules({ ...grows, lately: { ...ends(0, 11), started: 11 } }, busy), []);
    const [full] = found(grows, busy);
    assert.equal(full?.sentence, "All 8 slots are taken, and more is started than ends");
    assert.equal(full.method, "");
  });

  it("blocked: a hundred operations wait for one key", () => {
    const key = (blocked: number) => ({ key: "disk-7", blocked, held: 2, oldestBlocked: NOW - MINUTE });
    assert.deepEqual(rules({ key: key(99) }), []);
    const [blocked] = found({ key: key(1_204) });
    assert.equal(blocked?.sentence, 'has 1,204 that wait for the key "disk-7"');
    assert.equal(blocked.since, NOW - MINUTE);
    assert.equal(
      blocked.link,
      "#/operations?view=notdone&method=pack&key=disk-7&order=createTime",
      "who holds a key began first",
    );
    const [more] = found({ key: key(10_001) });
    assert.match(more?.sentence ?? "", /10,000\+/);
  });

  it("losing-workers: three attempts lost their workers in ten minutes, over all methods", () => {
    const two = [method({ tenMinutes: lost(2) }), method({ method: "clean", tenMinutes: lost(1) })];
    assert.deepEqual(attentionOf({ now: NOW, methods: two.slice(0, 1), processes: [] }), []);
    const [losing] = attentionOf({ now: NOW, methods: two, processes: [] });
    assert.deepEqual([losing?.rule, losing?.detail], ["losing-workers", "Most often during pack."]);
  });

  it("paused: operations wait because of a pause, which is neither late nor without a worker", () => {
    const since = NOW - 60 * MINUTE;
    assert.deepEqual(rules({ pauseTime: since }), []);
    const [paused, ...others] = found({ pauseTime: since, live: waitingFor(50 * MINUTE) }, []);
    assert.deepEqual([paused?.rule, paused?.since, others], ["paused", since, []]);
    assert.equal(paused?.link, "#/methods/pack");
  });

  it("reports the five most urgent problems, in this order", () => {
    const everything = Array.from({ length: 3 }, (_, index) =>
      method({
        method: `m${index}`,
        live: waitingFor(5 * MINUTE),
        lately: ends(10, 0),
        tenMinutes: { ...NO_COUNTS, workerLost: 1 },
      }),
    );
    const all = attentionOf({ now: NOW, methods: everything, processes: [] });
    assert.deepEqual(
      all.map(({ rule, method: name }) => `${rule} ${name}`),
      ["failing m0", "failing m1", "failing m2", "no-worker m0", "no-worker m1"],
    );
  });
});
