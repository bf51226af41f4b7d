import type { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import type {
  FailureRow,
  FailuresQuery,
  KeyCount,
  LiveCount,
  ProcessReport,
  ProcessRow,
  RefusedRows,
  SeriesQuery,
  StatisticsRow,
  StatisticsStore,
} from "../../core/ports/statistics-store.ts";
import { storeUnavailable } from "../fault.ts";
import { seriesOf } from "../statistics/counts-row.ts";
import { groupedFailures } from "../statistics/failure-rows.ts";
import { readProcess } from "../statistics/process-rows.ts";
import { Reports } from "../statistics/reports.ts";
import type { BesideParts } from "./beside.ts";
import { prepareForRows, rowsOf } from "./connection.ts";
import { LiveCounts } from "./live-counts.ts";
import * as sql from "./statements-statistics.ts";

/** The longest time that one query may hold the event loop before other work gets a turn. */
const TURN_MS = 5;
const LOOK_MS_MAX = 1_000;

/** Statistics and processes in SQLite. */
export class SqliteStatistics implements StatisticsStore {
  readonly #parts: BesideParts;
  readonly #reports = new Reports();
  #prepared: ReturnType<typeof prepareAll> | undefined;

  constructor(parts: BesideParts) {
    this.#parts = parts;
  }

  add(report: ProcessReport): Promise<RefusedRows | undefined> {
    return this.#reports.add(report, async (write) => {
      await this.#parts.write({ verb: "report", report: write });
    });
  }

  async see(processes: readonly ProcessRow[]): Promise<void> {
    if (processes.length > 0) await this.#parts.write({ verb: "see", processes });
  }

  async series({ period, since, until, method }: SeriesQuery): Promise<readonly StatisticsRow[]> {
    const parameters = [period, since, until, method ?? null] as const;
    return seriesOf(await this.#parts.ask(() => rowsOf(this.#statements().series, ...parameters)));
  }

  failures({ since, method, limit }: FailuresQuery): Promise<readonly FailureRow[]> {
    const parameters = [since, method ?? null, LIMITS.failureRowsMax] as const;
    return this.#parts.ask(() => groupedFailures(rowsOf(this.#statements().failures, ...parameters), limit));
  }

  processes(since: number, limit: number): Promise<readonly ProcessRow[]> {
    return this.#parts.ask(() => rowsOf(this.#statements().processes, since, limit).map(readProcess));
  }

  async counts(): Promise<readonly LiveCount[]> {
    const { clock, time, ask } = this.#parts;
    const steps = await ask(() => this.#statements().live.steps(time()));
    const startedAt = clock.monotonic();
    for (;;) {
      const turnAt = clock.monotonic();
      if (turnAt - startedAt > LOOK_MS_MAX) throw storeUnavailable("what is unfinished takes long to count");
      const step = await ask(() => {
        for (;;) {
          const next = steps.next();
          if (next.done === true || clock.monotonic() - turnAt > TURN_MS) return next;
        }
      });
      if (step.done === true) return step.value;
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  unfinished(parent: string, most: number): Promise<number> {
    return this.#parts.ask(() => this.#statements().live.unfinished(parent, most));
  }

  keys(method: string, limit: number): Promise<readonly KeyCount[]> {
    return this.#parts.ask(() => this.#statements().live.keys(method, limit));
  }

  async merge(now: number): Promise<boolean> {
    return (await this.#parts.write({ verb: "merge", now })) === true;
  }

  /** Prepared at the first query, because there may never be one. */
  #statements(): ReturnType<typeof prepareAll> {
    return (this.#prepared ??= prepareAll(this.#parts.reading));
  }
}

function prepareAll(database: DatabaseSync) {
  return {
    series: prepareForRows(database, sql.SERIES),
    failures: prepareForRows(database, sql.FAILURES),
    processes: prepareForRows(database, sql.PROCESSES),
    live: new LiveCounts(database),
  };
}
