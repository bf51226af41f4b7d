import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FailureRow, SeriesQuery, StatisticsRow } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { attentionFacts, type Facts, readDay, readFacts } from "./facts.ts";
import { NO_COUNTS } from "./counted.ts";

const NOW = Date.UTC(2026, 0, 2, 13, 30);
const MINUTE = 60_000;
const row = (minutesAgo: number, failed: number, workerLost = 0): StatisticsRow => ({
  method: "pack",
  time: NOW - minutesAgo * MINUTE,
  counts: { ...NO_COUNTS, failed, workerLost },
});

const FAILURE: FailureRow = {
  key: "k",
  method: "pack",
  code: "INTERNAL",
  reason: "",
  text: "",
  count: 1,
  firstTime: NOW,
  lastTime: NOW,
  sample: "operations/x",
  hours: new Map(),
};

describe("attentionFacts()", () => {
  it("distinguish the last five minutes from the hour before", () => {
    const facts: Facts = {
      asOf: NOW,
      live: [],
      recent: [row(1, 1), row(5, 2), row(6, 4, 8), row(11, 16, 32), row(64, 64)],
      day: new Map([["pack", new Map([[3, 5]])]]),
      processes: [],
      paused: new Map([["rested", 5]]),
      failures: ["commonest", "rarest"].map((text) => ({ ...FAILURE, text })),
      keys: new Map(),
    };
    const { methods } = attentionFacts(facts);
    const [pack, rested] = methods;
    assert.equal(pack?.failure, "INTERNAL, “commonest”");
    assert.deepEqual([pack?.beginOfDay, rested?.beginOfDay], [new Map([[3, 5]]), new Map()]);
    assert.deepEqual([pack?.lately.failed, pack?.before.failed], [3, 84]);
    assert.equal(pack?.tenMinutes.workerLost, 8);
    assert.deepEqual([rested?.method, rested?.pauseTime], ["rested", 5]);
  });
});

describe("readDay()", () => {
  it("reads whole hours of the day, and sums them by method", async () => {
    const asked: SeriesQuery[] = [];
    const hourOf = (method: string, hour: number, begin: number): StatisticsRow => ({
      method,
      time: hour * 60 * MINUTE,
      counts: { ...NO_COUNTS, begin: new Map([[begin, 1]]) },
    });
    const series = (query: SeriesQuery) => {
      asked.push(query);
      return Promise.resolve([hourOf("pack", 1, 3), hourOf("clean", 1, 4), hourOf("pack", 2, 3)]);
    };
    const day = await readDay({ statistics: { series } } as unknown as Store, NOW);
    assert.deepEqual(
      day,
      new Map([
        ["pack", new Map([[3, 2]])],
        ["clean", new Map([[4, 1]])],
      ]),
    );
    const [since, until] = [Date.UTC(2026, 0, 1, 13), NOW + MINUTE];
    assert.deepEqual(asked, [{ period: 3600, since, until }]);
  });
});

describe("readFacts()", () => {
  it("looks for keys of the methods with the most blocked operations, and of no more", async () => {
    const asked: string[] = [];
    const live = [99, 100, 500, 300, 400].map((blocked, index) => ({
      method: `m${index}`,
      waiting: 0,
      blocked,
      delayed: 0,
      running: 0,
      oldestWaiting: null,
      oldestBlocked: 1,
    }));
    const statistics = {
      series: () => Promise.resolve([]),
      failures: () => Promise.resolve([]),
      processes: () => Promise.resolve([]),
      keys: (method: string) => {
        asked.push(method);
        return Promise.resolve(method === "m4" ? [] : [{ key: "k", blocked: 5, held: 1, oldestBlocked: 1 }]);
      },
    };
    const store = { statistics, time: () => NOW } as unknown as Store;
    const { keys } = await readFacts(store, { live, day: new Map(), paused: new Map() });
    assert.deepEqual(asked, ["m2", "m4", "m3"]);
    assert.deepEqual([...keys.keys()], ["m2", "m3"]);
  });
});
