import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  FailureCount,
  ProcessReport,
  ProcessRow,
  StatisticsStore,
} from "../../core/ports/statistics-store.ts";
import { LIMITS } from "../../core/limits.ts";
import type { MethodCounts } from "../../core/statistics/counts.ts";
import { PERIODS, type Period } from "../../core/statistics/periods.ts";
import { onStore, type StoreSubject } from "./subject.suite.ts";

const HOUR = 3_600_000;
/** The start of an hour. */
const NOON = Date.UTC(2026, 0, 1, 12);

export function aProcess(fields: Partial<ProcessRow> = {}): ProcessRow {
  return {
    id: "host-1-a",
    host: "host",
    pid: 1,
    version: "1.0.0",
    role: "all",
    startTime: NOON,
    seenTime: NOON,
    slots: 64,
    running: 0,
    draining: false,
    methods: ["echo"],
    ...fields,
  };
}

/** Counts for the given number of operations. */
export function someCounts(count: number, bucket = 3): MethodCounts {
  return {
    started: count,
    began: count,
    succeeded: 2 * count,
    failed: 3 * count,
    cancelled: 4 * count,
    retried: 5 * count,
    workerLost: 6 * count,
    begin: new Map([[bucket, count]]),
    run: new Map([
      [0, 1],
      [bucket, count],
    ]),
  };
}

function aReport(
  time: number,
  fields: Partial<ProcessReport> & { readonly id?: string } = {},
): ProcessReport {
  const { id = "host-1-a", ...more } = fields;
  const methods = new Map([["echo", someCounts(1)]]);
  return { time, process: aProcess({ id, seenTime: time }), methods, failures: [], ...more };
}

function aFailure(fields: Partial<FailureCount> = {}): FailureCount {
  const at = fields.hour ?? NOON;
  return {
    key: "k1",
    hour: at,
    method: "echo",
    code: "INTERNAL",
    reason: "HANDLER_FAILED",
    text: "Error: no ‹n›",
    count: 1,
    firstTime: at,
    lastTime: at,
    sample: "operations/1",
    ...fields,
  };
}

/** The sum of all starts of a method over the stored periods of a length. */
async function started(store: StatisticsStore, period: Period, method = "echo"): Promise<number> {
  const rows = await store.series({ period, since: 0, until: Number.MAX_SAFE_INTEGER, method });
  return rows.reduce((sum, { counts }) => sum + counts.started, 0);
}

/** Statistics that are reported and read back. */
export function statisticsSuite(subject: StoreSubject): void {
  describe("statistics", () => {
    it(
      "sums reports by period and method, over processes",
      onStore(subject, async ({ store: { statistics } }) => {
        const minute = NOON + 60_000;
        await statistics.add(aReport(minute + 5_000));
        await statistics.add(aReport(minute + 15_000, { methods: new Map([["echo", someCounts(2, 4)]]) }));
        await statistics.add(aReport(minute, { id: "host-2-b" }));
        await statistics.add(aReport(minute + 600_000, { methods: new Map([["a", someCounts(7)]]) }));
        const query = { since: NOON, until: NOON + HOUR };
        const sum = {
          ...someCounts(4),
          run: new Map([
            [0, 3],
            [3, 2],
            [4, 2],
          ]),
          begin: new Map([
            [3, 2],
            [4, 2],
          ]),
        };
        const later = { method: "a", counts: someCounts(7) };
        assert.deepEqual(await statistics.series({ period: 60, ...query }), [
          { time: minute, method: "echo", counts: sum },
          { time: minute + 600_000, ...later },
        ]);
        assert.deepEqual(await statistics.series({ period: 600, ...query }), [
          { time: NOON, method: "echo", counts: sum },
          { time: NOON + 600_000, ...later },
        ]);
        assert.deepEqual(await statistics.series({ period: 3600, ...query }), [
          { time: NOON, ...later },
          { time: NOON, method: "echo", counts: sum },
        ]);
      }),
    );

    it(
      "returns the periods that begin in the given time, of one method if one is given",
      onStore(subject, async ({ store: { statistics } }) => {
        const methods = new Map([
          ["echo", someCounts(1)],
          ["other", someCounts(2)],
        ]);
        for (const minutes of [0, 1, 2]) await statistics.add(aReport(NOON + minutes * 60_000, { methods }));
        const query = { period: 60, since: NOON + 60_000, until: NOON + 120_000 } as const;
        const rows = await statistics.series(query);
        assert.deepEqual(
          rows.map(({ time, method }) => [time, method]),
          [
            [NOON + 60_000, "echo"],
            [NOON + 60_000, "other"],
          ],
        );
        assert.deepEqual(await statistics.series({ ...query, method: "other" }), rows.slice(1));
        assert.deepEqual(await statistics.series({ ...query, method: "none" }), []);
      }),
    );

    it(
      "groups failures over the given hours, most frequent first",
      { skip: subject.seals !== undefined && "texts of failures are not kept" },
      onStore(subject, async ({ store: { statistics } }) => {
        const report = (id: string, failures: readonly FailureCount[]): Promise<unknown> =>
          statistics.add(aReport(NOON, { id, methods: new Map(), failures }));
        await report("host-1-a", [
          aFailure(),
          aFailure({ key: "k2", method: "other", count: 2, text: 'quoted "text", {braces} and \\' }),
        ]);
        await report("host-2-b", [
          aFailure({ count: 4, firstTime: NOON - 5, lastTime: NOON + 9, sample: "operations/2" }),
          aFailure({ hour: NOON - HOUR, count: 2 }),
        ]);
        const [first, second, ...none] = await statistics.failures({ since: NOON - HOUR, limit: 9 });
        const { hour: _, ...whole } = aFailure();
        assert.deepEqual(first, {
          ...whole,
          count: 7,
          firstTime: NOON - HOUR,
          lastTime: NOON + 9,
          sample: "operations/2",
          hours: new Map([
            [NOON, 5],
            [NOON - HOUR, 2],
          ]),
        });
        assert.equal(second?.text, 'quoted "text", {braces} and \\');
        assert.deepEqual(none, []);
        const keys = async (query: Parameters<StatisticsStore["failures"]>[0]): Promise<unknown> =>
          (await statistics.failures(query)).map(({ key, count }) => [key, count]);
        assert.deepEqual(await keys({ since: NOON, limit: 1 }), [["k1", 5]]);
        assert.deepEqual(await keys({ since: 0, limit: 9, method: "other" }), [["k2", 2]]);
        assert.deepEqual(await keys({ since: NOON + 1, limit: 9 }), []);
      }),
    );

    it(
      "has a row for each process, as last reported",
      onStore(subject, async ({ store: { statistics } }) => {
        const older = aProcess({ id: "old", startTime: NOON - 9, seenTime: NOON + 1, role: "api", slots: 0 });
        const own = aProcess({ running: 3, draining: true, methods: ['a"b', "c"], seenTime: NOON + 10 });
        const far = aProcess({ id: "far", startTime: NOON + 99, seenTime: NOON + 1, role: "remote" });
        for (const process of [aProcess(), older, far, own]) await statistics.add(aReport(NOON, { process }));
        assert.deepEqual(await statistics.processes(0, 9), [own, older, far]);
        assert.deepEqual(await statistics.processes(NOON + 2, 9), [own]);
        assert.deepEqual(await statistics.processes(0, 1), [own]);
        await statistics.see([]);
        const later = [
          { ...far, running: 2 },
          aProcess({ id: "new", role: "remote", startTime: NOON, seenTime: NOON + 20 }),
        ];
        await statistics.see(later);
        assert.deepEqual(await statistics.processes(0, 9), [own, older, ...later]);
      }),
    );

    mergeCases(subject);
  });
}

function mergeCases(subject: StoreSubject): void {
  it(
    "merges the counts of processes once a period is long over, and loses nothing",
    onStore(subject, async ({ store: { statistics } }) => {
      const ids = ["a", "b", "c"];
      for (const id of ids) await statistics.add(aReport(NOON, { id }));
      const before = await statistics.series({ period: 60, since: 0, until: NOON + HOUR });
      for (const ms of [60_000 + LIMITS.countsSettledMs - 1, 1]) {
        await Promise.all([statistics.merge(NOON + ms), statistics.merge(NOON + ms)]);
        assert.deepEqual(await statistics.series({ period: 60, since: 0, until: NOON + HOUR }), before);
      }
      const over = NOON + 60_000 + LIMITS.countsSettledMs;
      await Promise.all([statistics.merge(over), statistics.merge(over)]);
      // A late report is added to merged rows.
      await statistics.add(aReport(NOON, { id: "d" }));
      assert.equal(await statistics.merge(over), false);
      for (const period of PERIODS) assert.equal(await started(statistics, period), 4);
      await statistics.merge(over + 2 * HOUR);
      for (const period of PERIODS) assert.equal(await started(statistics, period), 4);
    }),
  );

  it(
    "merges a limited amount at a time, and says if there is more",
    onStore(subject, async ({ store: { statistics } }) => {
      const names = Array.from({ length: LIMITS.countsBatch + 1 }, (_, index) => `m${index}`);
      const methods = new Map(names.map((name) => [name, someCounts(1)]));
      await statistics.add(aReport(NOON, { methods }));
      const over = NOON + 60_000 + LIMITS.countsSettledMs;
      const more = async (): Promise<boolean> => statistics.merge(over);
      let rounds = 1;
      while ((await more()) && rounds < 99) rounds++;
      // If methods are on several shards, each shard has its own limit.
      assert.ok(subject.isDistributed === true || rounds === 2, `${rounds} rounds`);
      const rows = await statistics.series({ period: 60, since: 0, until: NOON + HOUR });
      assert.equal(rows.length, names.length);
      assert.ok(rows.every(({ counts }) => counts.started === 1));
    }),
  );

  it(
    "keeps periods, failures and processes for the given times, and no longer",
    onStore(subject, async ({ store: { statistics } }) => {
      await statistics.add(aReport(NOON, { failures: [aFailure()] }));
      const steps = [
        [LIMITS.processKeptMs, "workers", 60, 600, 3600, "failures"],
        [LIMITS.processKeptMs + 1, 60, 600, 3600, "failures"],
        [LIMITS.minutesKeptMs, 60, 600, 3600, "failures"],
        [LIMITS.minutesKeptMs + 1, 600, 3600, "failures"],
        [LIMITS.tenMinutesKeptMs + 1, 3600],
        [LIMITS.hoursKeptMs + 1],
      ] as const;
      for (const [ms, ...kept] of steps) {
        while (await statistics.merge(NOON + ms));
        const found: (string | number)[] = [];
        if ((await statistics.processes(0, 9)).length > 0) found.push("workers");
        for (const period of PERIODS) if ((await started(statistics, period)) > 0) found.push(period);
        if ((await statistics.failures({ since: 0, limit: 9 })).length > 0) found.push("failures");
        assert.deepEqual(found, kept, `${ms} ms later`);
      }
    }),
  );
}
