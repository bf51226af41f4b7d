import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StatisticsRow } from "../../core/ports/statistics-store.ts";
import { bucketOf as durationBucket } from "../../core/statistics/histogram.ts";
import {
  endedOf,
  endsOf,
  NO_COUNTS,
  seriesOf,
  shownHistogram,
  sparksOf,
  sumOfRows,
  sumsByMethod,
} from "./counted.ts";
import { rangeOf } from "./range.ts";

const NOW = Date.UTC(2026, 0, 2, 13, 47, 30);
const range = rangeOf("1h", NOW);
const row = (
  method: string,
  minutesAgo: number,
  counts: Partial<StatisticsRow["counts"]>,
): StatisticsRow => ({
  method,
  time: range.until - (minutesAgo + 1) * 60_000,
  counts: { ...NO_COUNTS, ...counts },
});
const rows = [
  row("pack", 0, { succeeded: 2, run: new Map([[durationBucket(100), 2]]) }),
  row("pack", 59, { failed: 1, started: 3 }),
  row("clean", 0, { cancelled: 4 }),
];

describe("the series of a range", () => {
  it("have every bucket, including empty ones, and all counts", () => {
    const series = seriesOf(range, rows);
    assert.equal(series.length, 60);
    assert.deepEqual([series[0]?.time, series[59]?.time], [range.since, range.until - 60_000]);
    assert.deepEqual(
      [series[0]?.ended.failed, series[59]?.ended.succeeded, series[59]?.ended.cancelled],
      [1, 2, 4],
    );
    assert.equal(
      series.reduce((sum, { ended }) => sum + endsOf(ended), 0),
      7,
    );
    assert.deepEqual(
      seriesOf(range, [row("pack", 61, { failed: 9 })]).filter(({ ended }) => ended.failed > 0),
      [],
    );
  });

  it("have 60 buckets at most for each method", () => {
    const sparks = sparksOf(range, rows);
    assert.deepEqual(
      [sparks.get("pack")?.length, sparks.get("pack")?.[0], sparks.get("pack")?.at(-1)],
      [60, 1, 2],
    );
    const week = rangeOf("7d", NOW);
    const last = { ...(rows[2] as StatisticsRow), time: week.until - 1 };
    const spark = sparksOf(week, [last]).get("clean") ?? [];
    assert.ok(spark.length <= 60);
    assert.equal(spark.at(-1), 4);
  });
});

describe("sums", () => {
  it("cover all methods together, and each method", () => {
    const { started, succeeded, failed, cancelled } = sumOfRows(rows);
    assert.deepEqual([started, succeeded, failed, cancelled], [3, 2, 1, 4]);
    assert.deepEqual([...sumsByMethod(rows).keys()], ["pack", "clean"]);
    assert.equal(sumsByMethod(rows).get("pack")?.failed, 1);
  });

  it("have quantiles if something was measured", () => {
    const ended = endedOf(sumOfRows(rows));
    assert.equal(ended.begin, null);
    assert.ok(ended.run !== null && ended.run.p50 >= 100 / 1.5 && ended.run.p95 <= 150);
  });
});

describe("shownHistogram()", () => {
  it("has the buckets from the first to the last that is not empty", () => {
    assert.deepEqual(shownHistogram(new Map()), { bounds: [], counts: [] });
    assert.deepEqual(
      shownHistogram(
        new Map([
          [4, 2],
          [2, 1],
        ]),
      ),
      { bounds: [2.25, 3.375, 5.0625], counts: [1, 0, 2] },
    );
  });
});
