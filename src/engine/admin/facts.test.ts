import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StatisticsRow } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { attentionFacts, type Facts, readFacts } from "./facts.ts";
import { NO_COUNTS } from "./counted.ts";

const NOW = Date.UTC(2026, 0, 2, 13, 30);
const MINUTE = 60_000;
const row = (minutesAgo: number, failed: number, workerLost = 0): StatisticsRow => ({
  method: "pack",
  time: NOW - minutesAgo * MINUTE,
  counts: { ...NO_COUNTS, failed, workerLost },
});

describe("attentionFacts()", () => {
  it("tell the last five minutes from the hour before", () => {
    const facts: Facts = {
      asOf: NOW,
      live: [],
      recent: [row(1, 1), row(5, 2), row(6, 4, 8), row(11, 16, 32), row(64, 64)],
      day: [],
      processes: [],
      paused: new Map([["rested", 5]]),
      failures: [],
      keys: new Map(),
    };
    const { methods } = attentionFacts(facts);
    const [pack, rested] = methods;
    assert.deepEqual([pack?.lately.failed, pack?.before.failed], [3, 84]);
    assert.equal(pack?.tenMinutes.workerLost, 8);
    assert.deepEqual([rested?.method, rested?.pauseTime], ["rested", 5]);
  });
});

describe("readFacts()", () => {
  it("looks for keys of the methods with most that is blocked, and of no more", async () => {
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
    const { keys } = await readFacts(store, { live, day: [], paused: new Map() });
    assert.deepEqual(asked, ["m2", "m4", "m3"]);
    assert.deepEqual([...keys.keys()], ["m2", "m3"]);
  });
});
