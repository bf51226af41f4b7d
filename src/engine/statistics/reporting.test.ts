import assert from "node:assert/strict";
import { test } from "node:test";
import { storeUnavailable } from "../../store/fault.ts";
import type { EventName } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ProcessReport, ProcessRow, RefusedRows } from "../../core/ports/statistics-store.ts";
import { Teller } from "../../core/teller.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Reporting } from "./reporting.ts";
import { Tally } from "./tally.ts";

/** Within an interval. */
const START = Date.UTC(2026, 0, 1) + 4_000;

function aProcess() {
  const clock = new ManualClock(START);
  const reports: ProcessReport[] = [];
  const told: EventName[] = [];
  const teller = new Teller();
  teller.watch((...event) => void told.push(event[0]));
  const state: {
    running: number;
    draining: boolean;
    isAway: boolean;
    refused?: RefusedRows;
    callers: readonly ProcessRow[];
  } = {
    callers: [],
    running: 0,
    draining: false,
    isAway: false,
  };
  const tally = new Tally();
  const add = async (report: ProcessReport): Promise<RefusedRows | undefined> => {
    if (state.isAway) throw storeUnavailable("away");
    reports.push(report);
    return state.refused;
  };
  const seen: (readonly ProcessRow[])[] = [];
  const see = async (processes: readonly ProcessRow[]): Promise<void> => {
    if (state.isAway) throw storeUnavailable("away");
    seen.push(processes);
  };
  const fixed = {
    id: "h-1-a",
    host: "h",
    pid: 1,
    version: "1",
    role: "all",
    slots: 4,
    methods: ["m"],
  } as const;
  const reporting = new Reporting({
    store: { time: () => clock.now(), statistics: { add, see } },
    tally,
    process: { fixed, running: () => state.running, draining: () => state.draining },
    callers: { rows: () => state.callers },
    clock,
    tell: teller.tell,
  });
  const start = (): void => tally.started(anOperation({ method: "m" }));
  return { clock, reports, seen, told, state, reporting, start, fixed };
}

const startedOf = (reports: readonly ProcessReport[]): readonly number[] =>
  reports.map(({ methods }) => methods.get("m")?.started ?? 0);

test("a process reports when it starts, at the ends of intervals, and when it stops", async () => {
  const { clock, reports, reporting, start, fixed } = aProcess();
  reporting.start();
  await clock.advance(0);
  assert.deepEqual(reports, [
    {
      time: START,
      process: { ...fixed, startTime: START, seenTime: START, running: 0, draining: false },
      methods: new Map(),
      failures: [],
    },
  ]);
  start();
  await clock.advance(LIMITS.reportMs - 4_001);
  assert.equal(reports.length, 1);
  await clock.advance(1);
  assert.deepEqual(startedOf(reports), [0, 1]);
  // A report has the start time of its interval, which lies within one minute.
  assert.deepEqual([reports[1]?.time, reports[1]?.process.seenTime], [START, START + 6_000]);
  start();
  await clock.advance(LIMITS.reportMs);
  assert.deepEqual([reports[2]?.time, reports[2]?.process.startTime], [START + 6_000, START]);
  start();
  await reporting.stop();
  assert.deepEqual(startedOf(reports), [0, 1, 1, 1]);
  assert.equal(clock.pending, 0);
});

test("an idle process reports seldom, and a process that is working or has changes reports every interval", async () => {
  const { clock, reports, reporting, state } = aProcess();
  reporting.start();
  await clock.advance(0);
  // The first report comes at the end of an interval.
  await clock.advance(LIMITS.reportIdleMs * 5 + 6_000);
  assert.equal(reports.length, 1 + 5);
  state.running = 1;
  await clock.advance(LIMITS.reportMs * 4);
  assert.equal(reports.length, 6 + 4);
  state.running = 0;
  state.draining = true;
  await clock.advance(LIMITS.reportMs);
  assert.equal(reports.at(-1)?.process.draining, true);
  assert.ok(LIMITS.reportIdleMs + LIMITS.reportMs < LIMITS.processGoneMs, "a process that lives is seen");
  await reporting.stop();
});

test("an unavailable store is reported once, and reports continue", async () => {
  const { clock, reports, told, reporting, state, start } = aProcess();
  reporting.start();
  await clock.advance(0);
  state.isAway = true;
  for (let each = 0; each < 3; each++) {
    start();
    await clock.advance(LIMITS.reportMs);
  }
  state.isAway = false;
  start();
  await clock.advance(LIMITS.reportMs);
  assert.deepEqual(told, ["statistics.interrupted"]);
  assert.equal(reports.length, 2);
  state.isAway = true;
  await reporting.stop();
  assert.equal(clock.pending, 0);
});

test("a permanent refusal of the store is reported each time, and does not delay reports", async () => {
  const { clock, reports, told, reporting, state, start } = aProcess();
  reporting.start();
  await clock.advance(0);
  state.refused = { count: 1, error: new Error("no such text") };
  start();
  await clock.advance(LIMITS.reportMs);
  delete state.refused;
  start();
  await clock.advance(LIMITS.reportMs);
  assert.deepEqual([told, startedOf(reports)], [["statistics.refused"], [0, 1, 1]]);
  await reporting.stop();
});

test("the workers over the network are reported together, whatever becomes of one report", async () => {
  const { clock, seen, state, reporting, fixed } = aProcess();
  reporting.start();
  await clock.advance(0);
  const row = { ...fixed, id: "far via h-1-a", role: "remote", startTime: 1, seenTime: 2 } as const;
  const far = { ...row, running: 1, draining: false };
  state.callers = [far, { ...far, id: "near via h-1-a" }];
  state.isAway = true;
  await clock.advance(LIMITS.reportMs);
  state.isAway = false;
  await clock.advance(2 * LIMITS.reportMs);
  assert.deepEqual(seen, [state.callers, state.callers]);
  await reporting.stop();
  assert.deepEqual(seen.at(2), state.callers, "the last report");
});
