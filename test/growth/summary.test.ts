import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessRow, StatisticsRow } from "../../src/core/ports/statistics-store.ts";
import { attentionOf } from "../../src/engine/admin/attention.ts";
import { NO_COUNTS } from "../../src/engine/admin/counted.ts";
import { attentionFacts, type Facts } from "../../src/engine/admin/facts.ts";
import { methodStates } from "../../src/engine/admin/method-states.ts";
import { rangeOf } from "../../src/engine/admin/range.ts";
import { growthOf } from "./growth.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const PROCESSES = 100;

/** Many methods with waiting operations, and some processes that run other methods. */
function factsOf(size: number): Facts {
  const names = Array.from({ length: size }, (_, index) => `method${index}`);
  const row = (method: string, minutesAgo: number): StatisticsRow => ({
    method,
    time: NOW - minutesAgo * MINUTE,
    counts: { ...NO_COUNTS, started: 1, failed: 1 },
  });
  const process: Omit<ProcessRow, "id"> = {
    host: "host",
    pid: 1,
    version: "1.0.0",
    role: "worker",
    startTime: NOW,
    seenTime: NOW,
    slots: 4,
    running: 0,
    draining: false,
    methods: names.map((name) => `other-${name}`),
  };
  return {
    asOf: NOW,
    live: names.map((method) => ({
      method,
      waiting: 1,
      blocked: 0,
      delayed: 0,
      running: 0,
      oldestWaiting: NOW - 5 * MINUTE,
      oldestBlocked: null,
    })),
    recent: [1, 20, 40].flatMap((minutesAgo) => names.map((method) => row(method, minutesAgo))),
    day: new Map(names.map((method) => [method, new Map([[9, 100]])])),
    processes: Array.from({ length: PROCESSES }, (_, index) => ({ ...process, id: `host-${index}-a` })),
    paused: new Map(),
    failures: [],
    keys: new Map(),
  };
}

test("a summary takes no longer for each method if there are many", () => {
  const range = rangeOf("1h", NOW);
  const summarize = (facts: Facts): unknown => {
    const attention = attentionOf(attentionFacts(facts));
    return methodStates({
      ...facts,
      methods: new Map(),
      builtIns: new Map(),
      range,
      rows: facts.recent,
      attention,
    });
  };
  assert.equal(growthOf(summarize, factsOf, 4_000), undefined);
});
