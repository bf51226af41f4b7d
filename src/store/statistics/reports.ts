import { InvariantError } from "../../core/invariant.ts";
import { LIMITS } from "../../core/limits.ts";
import type {
  FailureCount,
  ProcessReport,
  ProcessRow,
  RefusedRows,
} from "../../core/ports/statistics-store.ts";
import { sumOfCounts } from "../../core/statistics/counts.ts";
import { PERIODS, type Period, periodStart } from "../../core/statistics/periods.ts";
import type { CountsRow } from "./counts-row.ts";

/** One write to the store. */
export interface ReportWrite {
  readonly process: ProcessRow;
  /** Each replaces the row with the same key. */
  readonly counts: readonly CountsRow[];
  /** Added to the stored failures. */
  readonly failures: readonly FailureCount[];
}

/** The most failures kept while the store is unavailable: those of two hours. */
const FAILURES_MAX = 2 * (LIMITS.failureKindsMax + 1);

/**
 * The reports of this process, as the rows that it has in the store.
 *
 * Only this process writes these rows, so it knows their sums, and each write replaces the stored
 * rows. A write may therefore be repeated, and the next write includes everything that a failed
 * write may have lost. Only one write is in progress at a time. A row is forgotten when its period
 * ended so long ago that it may be merged with those of other processes; a process that was
 * suspended for longer counts its report in the period in which it resumed.
 *
 * If a store refuses a write as impossible, the rows are written one by one and those that it
 * refuses are dropped, so that one row does not hold up the others.
 */
export class Reports {
  readonly #rows = new Map<string, CountsRow>();
  readonly #unwritten = new Set<string>();
  #failures: readonly FailureCount[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Writes a report, together with everything not written yet. @returns the refused rows @throws
   * what `carryOut` throws
   */
  add(report: ProcessReport, carryOut: CarryOut): Promise<RefusedRows | undefined> {
    this.#take(report);
    const written = this.#last.then(() => this.#write(report.process, carryOut));
    this.#last = written.catch(() => {});
    return written;
  }

  #take({ time, process, methods, failures }: ProcessReport): void {
    this.#forget(process.seenTime);
    for (const period of PERIODS) {
      // The row of a forgotten period has been or will be merged, so its sum is no longer known
      // here.
      const start = periodStart(
        isOpen(periodStart(time, period), period, process.seenTime) ? time : process.seenTime,
        period,
      );
      for (const [method, counts] of methods) {
        const row = { process: process.id, period, time: start, method };
        const key = keyOf(row);
        const before = this.#rows.get(key)?.counts;
        this.#rows.set(key, { ...row, counts: before === undefined ? counts : sumOfCounts(before, counts) });
        this.#unwritten.add(key);
      }
    }
    this.#failures = joined([...this.#failures, ...failures]);
  }

  #forget(now: number): void {
    for (const [key, { time, period }] of this.#rows) {
      if (isOpen(time, period, now)) continue;
      this.#rows.delete(key);
      this.#unwritten.delete(key);
    }
  }

  async #write(process: ProcessRow, carryOut: CarryOut): Promise<RefusedRows | undefined> {
    const counts = Array.from(this.#unwritten, (key) => this.#rows.get(key) ?? []).flat();
    const failures = this.#failures;
    this.#unwritten.clear();
    this.#failures = [];
    try {
      await carryOut({ process, counts, failures });
      return undefined;
    } catch (error) {
      if (error instanceof InvariantError)
        return await this.#writeEach({ process, counts, failures }, carryOut);
      this.#keep({ counts, failures });
      throw error;
    }
  }

  /**
   * Writes row by row. If the store becomes unavailable, the remaining rows are kept for the next
   * write.
   */
  async #writeEach({ process, ...rows }: ReportWrite, carryOut: CarryOut): Promise<RefusedRows | undefined> {
    const writes: readonly Omit<ReportWrite, "process">[] = [
      // The process comes first: if the store refuses it, nothing else is written.
      { counts: [], failures: [] },
      ...rows.counts.map((row) => ({ counts: [row], failures: [] })),
      ...rows.failures.map((row) => ({ counts: [], failures: [row] })),
    ];
    let refused: RefusedRows | undefined;
    for (const [index, write] of writes.entries()) {
      try {
        await carryOut({ process, ...write });
      } catch (error) {
        if (index > 0 && error instanceof InvariantError)
          refused = { count: (refused?.count ?? 0) + 1, error };
        else {
          const left = writes.slice(index);
          this.#keep({
            counts: left.flatMap(({ counts }) => counts),
            failures: left.flatMap(({ failures }) => failures),
          });
          throw error;
        }
      }
    }
    return refused;
  }

  #keep({ counts, failures }: Omit<ReportWrite, "process">): void {
    for (const row of counts) if (this.#rows.has(keyOf(row))) this.#unwritten.add(keyOf(row));
    this.#failures = joined([...failures, ...this.#failures]);
  }
}

/** Whether the rows of a period still belong to single processes and are not merged yet. */
function isOpen(start: number, period: Period, now: number): boolean {
  return start + period * 1_000 + LIMITS.countsOpenMs > now;
}

function keyOf({ process, period, time, method }: Omit<CountsRow, "counts">): string {
  return `${process} ${period} ${time} ${method}`;
}

/** Writes to the store. @throws {InvariantError} if the store can never accept the write */
type CarryOut = (write: ReportWrite) => Promise<void>;

/** One entry for each kind and hour; if there are too many, the newest. */
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
