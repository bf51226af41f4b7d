import { systemClock } from "../../core/ports/clock.ts";
import type { MethodCounts } from "../../core/statistics/counts.ts";
import { sumOfCounts } from "../../core/statistics/counts.ts";
import { histogramText, readHistogram } from "../../core/statistics/histogram.ts";
import type { Period } from "../../core/statistics/periods.ts";
import type { StatisticsRow } from "../../core/ports/statistics-store.ts";

/** The counts of one process for a method in a period. */
export interface CountsRow {
  /** The process; empty for merged counts of several processes. */
  readonly process: string;
  readonly period: Period;
  /** The start of the period. */
  readonly time: number;
  readonly method: string;
  readonly counts: MethodCounts;
}

/** The columns of the counts, the same in both stores. */
export const COUNTS_COLUMNS =
  "started, began, succeeded, failed, cancelled, retried, worker_lost, begin_histogram, run_histogram";

/** The columns of a row, in the order of {@link cellsOf}. */
export const ROW_COLUMNS = `process, period, time, method, ${COUNTS_COLUMNS}`;

/** The cells of a row. */
export function cellsOf({ process, period, time, method, counts }: CountsRow): readonly (string | number)[] {
  const { started, began, succeeded, failed, cancelled, retried, workerLost, begin, run } = counts;
  const numbers = [started, began, succeeded, failed, cancelled, retried, workerLost];
  return [process, period, time, method, ...numbers, histogramText(begin), histogramText(run)];
}

/** The row that the cells describe. */
export function rowOfCells([process, period, time, method, ...counts]: readonly unknown[]): CountsRow {
  return {
    process: String(process),
    period: Number(period) as Period,
    time: Number(time),
    method: String(method),
    counts: countsOfCells(counts),
  };
}

function countsOfCells(cells: readonly unknown[]): MethodCounts {
  const [started, began, succeeded, failed, cancelled, retried, workerLost] = cells.map(Number);
  return {
    started: started ?? 0,
    began: began ?? 0,
    succeeded: succeeded ?? 0,
    failed: failed ?? 0,
    cancelled: cancelled ?? 0,
    retried: retried ?? 0,
    workerLost: workerLost ?? 0,
    begin: readHistogram(String(cells[7])),
    run: readHistogram(String(cells[8])),
  };
}

/** Merges the rows of several processes: one row for each period, start and method. */
export function mergedRows(rows: readonly CountsRow[]): readonly CountsRow[] {
  const merged = new Map<string, CountsRow>();
  for (const row of rows) {
    const key = `${row.period} ${row.time} ${row.method}`;
    const before = merged.get(key);
    const counts = before === undefined ? row.counts : sumOfCounts(before.counts, row.counts);
    merged.set(key, { ...row, process: "", counts });
  }
  return [...merged.values()];
}

/**
 * The longest time that the rows of one answer may hold the event loop before other work gets a
 * turn.
 */
const TURN_MS = 5;
const ROWS_OF_A_LOOK = 100;

/** Rows of one period, oldest first. There may be tens of thousands of rows. */
export async function seriesOf(cells: readonly (readonly unknown[])[]): Promise<readonly StatisticsRow[]> {
  const rows: CountsRow[] = [];
  let turnAt = systemClock.monotonic();
  for (const each of cells) {
    rows.push(rowOfCells(each));
    if (rows.length % ROWS_OF_A_LOOK !== 0 || systemClock.monotonic() - turnAt < TURN_MS) continue;
    await new Promise<void>((resolve) => systemClock.soon(resolve));
    turnAt = systemClock.monotonic();
  }
  return joined(rows)
    .map(({ time, method, counts }) => ({ time, method, counts }))
    .toSorted((a, b) => a.time - b.time || (a.method < b.method ? -1 : 1));
}

/** Rows before the first unmerged row are merged already. */
function joined(rows: readonly CountsRow[]): readonly CountsRow[] {
  let since = Number.POSITIVE_INFINITY;
  for (const { process, time } of rows) if (process !== "") since = Math.min(since, time);
  const isMerged = ({ time }: CountsRow): boolean => time < since;
  return [...rows.filter(isMerged), ...mergedRows(rows.filter((row) => !isMerged(row)))];
}
