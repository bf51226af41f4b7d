import { LIMITS } from "../../core/limits.ts";
import type { FailureCount, ProcessReport, ProcessRow } from "../../core/ports/statistics-store.ts";
import { sumOfCounts } from "../../core/statistics/counts.ts";
import { PERIODS, periodStart } from "../../core/statistics/periods.ts";
import type { CountsRow } from "./counts-row.ts";

/** What one write brings to the store. */
export interface ReportWrite {
  readonly process: ProcessRow;
  /** Each in the place of the row that has its key. */
  readonly counts: readonly CountsRow[];
  /** To be added to what is there. */
  readonly failures: readonly FailureCount[];
}

/** Failures that wait for a store that is away: those of two hours. */
const FAILURES_MAX = 2 * (LIMITS.failureKindsMax + 1);

/**
 * What this process has reported, as the rows that it has in the store.
 *
 * Nobody else writes these rows, so that their sums are known here and a write puts them in the place of what is there: it may
 * be repeated, and what a write did not bring, or may not have brought, the next one brings. One write is under way at a
 * time. A row is forgotten when its period is so long over that it may be merged with those of others.
 */
export class Reports {
  readonly #rows = new Map<string, CountsRow>();
  readonly #unwritten = new Set<string>();
  #failures: readonly FailureCount[] = [];
  #last: Promise<void> = Promise.resolve();

  /** Writes a report, with what was not written before. @throws what `carryOut` throws */
  add(report: ProcessReport, carryOut: (write: ReportWrite) => Promise<void>): Promise<void> {
    this.#take(report);
    const written = this.#last.then(() => this.#write(report.process, carryOut));
    this.#last = written.catch(() => {});
    return written;
  }

  #take({ time, process, methods, failures }: ProcessReport): void {
    this.#forget(process.seenTime);
    for (const period of PERIODS) {
      const start = periodStart(time, period);
      for (const [method, counts] of methods) {
        const key = `${process.id} ${period} ${start} ${method}`;
        const before = this.#rows.get(key)?.counts;
        const sum = before === undefined ? counts : sumOfCounts(before, counts);
        this.#rows.set(key, { process: process.id, period, time: start, method, counts: sum });
        this.#unwritten.add(key);
      }
    }
    this.#failures = joined([...this.#failures, ...failures]);
  }

  #forget(now: number): void {
    for (const [key, { time, period }] of this.#rows) {
      if (time + period * 1_000 + LIMITS.countsOpenMs > now) continue;
      this.#rows.delete(key);
      this.#unwritten.delete(key);
    }
  }

  async #write(process: ProcessRow, carryOut: (write: ReportWrite) => Promise<void>): Promise<void> {
    const keys = [...this.#unwritten];
    const counts = keys.flatMap((key) => this.#rows.get(key) ?? []);
    const failures = this.#failures;
    this.#unwritten.clear();
    this.#failures = [];
    try {
      await carryOut({ process, counts, failures });
    } catch (error) {
      for (const key of keys) if (this.#rows.has(key)) this.#unwritten.add(key);
      this.#failures = joined([...failures, ...this.#failures]);
      throw error;
    }
  }
}

/** One for each kind and hour; of too many the newest. */
function joined(failures: readonly FailureCount[]): readonly FailureCount[] {
  const kinds = new Map<string, FailureCount>();
  for (const failure of failures) {
    const kind = `${failure.key} ${failure.hour}`;
    const before = kinds.get(kind);
    const [count, firstTime] = [(before?.count ?? 0) + failure.count, before?.firstTime ?? failure.firstTime];
    kinds.set(kind, { ...failure, count, firstTime });
  }
  return [...kinds.values()].slice(-FAILURES_MAX);
}
