import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../../core/invariant.ts";
import { LIMITS } from "../../core/limits.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { PERIODS, periodStart } from "../../core/statistics/periods.ts";
import type { FailureCount, ProcessReport } from "../../core/ports/statistics-store.ts";
import { aProcess, someCounts } from "../suite/statistics.suite.ts";
import { Reports, type ReportWrite } from "./reports.ts";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 1, 12);

function aReport(time: number, count: number, failures: readonly FailureCount[] = []): ProcessReport {
  return {
    time,
    process: aProcess({ seenTime: time }),
    methods: new Map(count === 0 ? [] : [["echo", someCounts(count)]]),
    failures,
  };
}

const FAILURE: FailureCount = {
  key: "k",
  hour: NOON,
  method: "echo",
  code: "INTERNAL",
  reason: "",
  text: "",
  count: 2,
  firstTime: NOON + 5,
  lastTime: NOON + 9,
  sample: "operations/1",
};

/** The number of starts by period in the written rows. */
const startedOf = ({ counts }: ReportWrite): readonly number[] =>
  PERIODS.flatMap((each) => counts.filter(({ period }) => period === each).map((row) => row.counts.started));

/** Records the writes. */
function aStore(): { readonly writes: ReportWrite[]; readonly write: (write: ReportWrite) => Promise<void> } {
  const writes: ReportWrite[] = [];
  return { writes, write: async (write) => void writes.push(write) };
}

test("each write has the sums of the reports of a period, without unchanged rows", async () => {
  const reports = new Reports();
  const { writes, write } = aStore();
  await reports.add(aReport(NOON, 1), write);
  await reports.add(aReport(NOON + 10_000, 2), write);
  await reports.add(aReport(NOON + 60_000, 4), write);
  await reports.add(aReport(NOON + 70_000, 0), write);
  assert.deepEqual(writes.map(startedOf), [[1, 1, 1], [3, 3, 3], [4, 7, 7], []]);
});

test("the report of a suspended process for a closed period counts when it wakes, and loses nothing", async () => {
  const reports = new Reports();
  const { writes, write } = aStore();
  await reports.add(aReport(NOON, 1), write);
  const late = aReport(NOON + 10_000, 2);
  const wokeTime = NOON + 60_000 + LIMITS.countsOpenMs;
  await reports.add({ ...late, process: aProcess({ seenTime: wokeTime }) }, write);
  const minutes = writes.map(({ counts }) => counts.find(({ period }) => period === 60));
  assert.deepEqual(
    minutes.map((row) => [row?.time, row?.counts.started]),
    [
      [NOON, 1],
      [periodStart(wokeTime, 60), 2],
    ],
  );
  assert.deepEqual(writes.map(startedOf).at(-1)?.slice(1), [3, 3], "longer periods are still open");
});

test("counts that were not written, or may not have been, are in the next write, exactly once", async () => {
  const reports = new Reports();
  const { writes, write } = aStore();
  const away = new Error("away");
  const fail = async (each: ReportWrite): Promise<void> => {
    writes.push(each);
    throw away;
  };
  const later = { ...FAILURE, count: 3, firstTime: NOON + 20, lastTime: NOON + 30, sample: "operations/2" };
  await assert.rejects(reports.add(aReport(NOON, 1, [FAILURE]), fail), away);
  await assert.rejects(reports.add(aReport(NOON + 60_000, 2, [later]), fail), away);
  await reports.add(aReport(NOON + 70_000, 4), write);
  await reports.add(aReport(NOON + 80_000, 0), write);
  assert.deepEqual(writes.map(startedOf), [[1, 1, 1], [1, 2, 3, 3], [1, 6, 7, 7], []]);
  assert.deepEqual(
    writes.map(({ failures }) => failures),
    [
      [FAILURE],
      [{ ...later, count: 5, firstTime: NOON + 5 }],
      [{ ...later, count: 5, firstTime: NOON + 5 }],
      [],
    ],
  );
});

/** A store that always refuses rows with the given text. */
const refusing =
  (text: string, { write }: ReturnType<typeof aStore>) =>
  async (each: ReportWrite): Promise<void> => {
    if (JSON.stringify(each).includes(text)) throw new InvariantError(`no ${text}`);
    await write(each);
  };

test("rows that a store refuses permanently are dropped and reported, and delay nothing else", async () => {
  const reports = new Reports();
  const kept = aStore();
  const bad = { ...FAILURE, key: "bad" };
  const [one, two] = [
    { ...FAILURE, key: "one" },
    { ...FAILURE, key: "two" },
  ];
  const refused = await reports.add(aReport(NOON, 1, [one, bad, two]), refusing("bad", kept));
  assert.equal(refused?.count, 1);
  assert.match(String(refused?.error), /no bad/);
  assert.deepEqual(
    kept.writes.flatMap(({ failures }) => failures),
    [one, two],
  );
  assert.deepEqual(kept.writes.flatMap(startedOf), [1, 1, 1]);
  const { writes, write } = aStore();
  assert.equal(await reports.add(aReport(NOON + 10_000, 0), write), undefined);
  assert.deepEqual([writes[0]?.counts, writes[0]?.failures], [[], []]);
});

test("if the store becomes unavailable between rows, the rest is in the next write, exactly once", async () => {
  const reports = new Reports();
  const kept = aStore();
  let left = 5;
  const failing = async (each: ReportWrite): Promise<void> => {
    if (each.failures.some(({ key }) => key === "bad")) throw new InvariantError("no");
    if (--left === 0) throw new Error("away");
    await kept.write(each);
  };
  const failures = ["one", "bad", "two"].map((key) => ({ ...FAILURE, key }));
  await assert.rejects(reports.add(aReport(NOON, 1, failures), failing), /away/);
  const { writes, write } = aStore();
  await reports.add(aReport(NOON + 10_000, 0), write);
  assert.deepEqual(
    writes[0]?.failures.map(({ key, count }) => [key, count]),
    [
      ["one", FAILURE.count],
      ["bad", FAILURE.count],
      ["two", FAILURE.count],
    ],
  );
  assert.deepEqual(writes[0]?.counts, []);
});

test("a refused process does not affect the others", async () => {
  const reports = new Reports();
  const kept = aStore();
  await assert.rejects(reports.add(aReport(NOON, 1, [FAILURE]), refusing("host-1-a", kept)), /no host-1-a/);
  assert.deepEqual(kept.writes, []);
  const { writes, write } = aStore();
  await reports.add(aReport(NOON + 10_000, 1), write);
  assert.deepEqual(writes.map(startedOf), [[2, 2, 2]]);
});

test("one write runs at a time", async () => {
  const reports = new Reports();
  const first = Promise.withResolvers<void>();
  const begun: number[] = [];
  const writing = [
    reports.add(aReport(NOON, 1), () => {
      begun.push(1);
      return first.promise;
    }),
    reports.add(aReport(NOON, 2), async () => void begun.push(2)),
  ];
  await new Promise<void>((resolve) => systemClock.soon(resolve));
  assert.deepEqual(begun, [1]);
  first.resolve();
  await Promise.all(writing);
  assert.deepEqual(begun, [1, 2]);
});

test("nothing is added to a period that may have been merged", async () => {
  const reports = new Reports();
  const { writes, write } = aStore();
  await assert.rejects(
    reports.add(aReport(NOON, 1), () => Promise.reject(new Error("away"))),
    /away/,
  );
  await reports.add(aReport(NOON + 60_000 + LIMITS.countsOpenMs, 2), write);
  // The first minute ended too long ago; the ten minutes and the hour did not.
  assert.deepEqual(writes.map(startedOf), [[2, 3, 3]]);
  await reports.add(aReport(NOON + 2 * HOUR, 4), write);
  assert.deepEqual(writes.slice(1).map(startedOf), [[4, 4, 4]]);
});
