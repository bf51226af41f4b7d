import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StatisticsRow } from "../../core/ports/statistics-store.ts";
import { clean, pack } from "../packing.suite.ts";
import type { Attention } from "./attention.ts";
import { NO_COUNTS } from "./counted.ts";
import { liveCount, processRow } from "./facts.suite.ts";
import {
  allLiveCounts,
  declaredStates,
  liveCountsOf,
  methodStates,
  type StatesParts,
} from "./method-states.ts";
import { rangeOf } from "./range.ts";

const NOW = Date.UTC(2026, 0, 2, 14);
const parts = (fields: Partial<StatesParts>): StatesParts => ({
  methods: new Map([pack, clean].map((each) => [each.name, each])),
  builtIns: new Map(),
  range: rangeOf("1h", NOW),
  live: [],
  rows: [],
  processes: [],
  paused: new Map(),
  attention: [],
  ...fields,
});
const names = (fields: Partial<StatesParts>) => methodStates(parts(fields)).map(({ method }) => method);

describe("methodStates()", () => {
  it("combine declarations, unfinished operations, counts and pauses", () => {
    const row: StatisticsRow = { method: "old", time: NOW - 60_000, counts: { ...NO_COUNTS, failed: 2 } };
    const states = methodStates(
      parts({
        live: [liveCount({ method: "gone", waiting: 1 })],
        rows: [row],
        paused: new Map([["rested", NOW]]),
      }),
    );
    assert.deepEqual(
      states.map(({ method, declared }) => [method, declared]),
      [
        ["old", false],
        ["clean", true],
        ["gone", false],
        ["pack", true],
        ["rested", false],
      ],
    );
    const [old] = states;
    assert.deepEqual([old?.ended?.failed, old?.spark.length, old?.spark.at(-2)], [2, 60, 2]);
    assert.equal(states.at(-1)?.pauseTime, NOW);
  });

  it("count the slots of workers that run the method", () => {
    const processes = [
      processRow({ slots: 4 }),
      processRow({ slots: 8, methods: ["pack", "clean"] }),
      processRow({ slots: 0 }),
      processRow({ slots: 16, draining: true }),
    ];
    const [first, second] = methodStates(parts({ processes }));
    assert.deepEqual([first?.method, first?.slots, first?.workers], ["clean", 8, 1]);
    assert.deepEqual([second?.method, second?.slots, second?.workers], ["pack", 12, 2]);
  });

  it("are sorted by urgency: problems first, then the longest wait, then the most failures", () => {
    const attention = [{ method: "pack" }] as unknown as readonly Attention[];
    assert.deepEqual(names({ attention, live: [liveCount({ method: "clean", oldestWaiting: 1 })] }), [
      "pack",
      "clean",
    ]);
    const waits = [liveCount({ method: "clean", oldestWaiting: 5 }), liveCount({ oldestBlocked: 4 })];
    assert.deepEqual(names({ live: waits }), ["pack", "clean"]);
    const row: StatisticsRow = { method: "pack", time: NOW, counts: { ...NO_COUNTS, failed: 1 } };
    assert.deepEqual(names({ rows: [row] }), ["pack", "clean"]);
    assert.deepEqual(names({}), ["clean", "pack"]);
  });
});

describe("declaredStates()", () => {
  it("contain no counts", () => {
    const [first] = declaredStates(parts({ live: [liveCount({ method: "clean", waiting: 9 })] }));
    assert.deepEqual([first?.method, first?.live, first?.ended, first?.workers], ["clean", null, null, 0]);
  });
});

describe("live counts", () => {
  it("are shown up to the maximum, with a mark if there are more", () => {
    const shown = liveCountsOf(liveCount({ waiting: 10_001, running: 10_000 }));
    assert.deepEqual(
      [shown.waiting, shown.waitingMore, shown.running, shown.runningMore],
      [10_000, true, 10_000, false],
    );
  });

  it("are summed over methods, with the oldest of all", () => {
    const all = allLiveCounts([
      liveCount({ method: "a", waiting: 10_001, oldestWaiting: 7, blocked: 1, oldestBlocked: 3 }),
      liveCount({ method: "b", waiting: 2, oldestWaiting: 5, delayed: 4 }),
    ]);
    assert.deepEqual([all.waiting, all.waitingMore, all.oldestWaiting], [10_002, true, 5]);
    assert.deepEqual([all.blocked, all.blockedMore, all.oldestBlocked, all.delayed], [1, false, 3, 4]);
    assert.deepEqual([allLiveCounts([]).waiting, allLiveCounts([]).oldestWaiting], [0, null]);
  });
});
