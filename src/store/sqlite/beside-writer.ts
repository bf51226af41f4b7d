import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import type { Resource } from "../../core/ports/resource-store.ts";
import type { ProcessRow } from "../../core/ports/statistics-store.ts";
import { PERIOD_KEPT_MS, PERIODS } from "../../core/statistics/periods.ts";
import { cellsOf, mergedRows, rowOfCells } from "../statistics/counts-row.ts";
import { failureCells } from "../statistics/failure-rows.ts";
import { processCells } from "../statistics/process-rows.ts";
import type { ReportWrite } from "../statistics/reports.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import { type Fault, faultOf } from "./fault.ts";
import * as session from "./statements-session.ts";
import * as sql from "./statements-statistics.ts";

/** A write that concerns no operation. */
export type BesideWrite =
  | { readonly verb: "report"; readonly report: ReportWrite }
  | { readonly verb: "see"; readonly processes: readonly ProcessRow[] }
  | { readonly verb: "merge"; readonly now: number }
  | {
      readonly verb: "put";
      readonly resource: Omit<Resource, "revision">;
      readonly expected: number | null;
    }
  | { readonly verb: "drop"; readonly kind: string; readonly name: string }
  | { readonly verb: "drop-due"; readonly kind: string; readonly time: number; readonly limit: number };

/** The writes of statistics, whose commits do not wait for the disk. */
const HASTY: ReadonlySet<BesideWrite["verb"]> = new Set(["report", "see", "merge"]);

/** `answer`: whether there is more to merge, the current or previous revision of a resource, or the number removed. */
export type BesideOutcome =
  | { readonly answer: boolean | number | undefined; readonly fault?: undefined }
  | { readonly answer?: undefined; readonly fault: Fault };

/**
 * Carries out the writes that concern no operation, each in its own transaction, between the
 * batches of commands.
 *
 * Statistics do not wait for the disk: the fsync of the next command makes their commit durable. A
 * power failure before that loses these statistics and nothing else. Configured resources are on
 * disk before their writes are acknowledged.
 */
export class BesideWriter {
  readonly #database: DatabaseSync;
  #prepared: Statements | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get #statements(): Statements {
    return (this.#prepared ??= prepareAll(this.#database));
  }

  run(write: BesideWrite): BesideOutcome {
    const isHasty = HASTY.has(write.verb);
    try {
      if (isHasty) this.#database.exec(session.WAITING_FOR_NO_DISK);
      this.#statements.begin.run();
      const answer = this.#carryOut(write);
      this.#statements.commit.run();
      return { answer };
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec(session.ROLLBACK);
      return { fault: faultOf(error) };
    } finally {
      if (isHasty) this.#database.exec(session.WAITING_FOR_THE_DISK);
    }
  }

  #carryOut(write: BesideWrite): boolean | number | undefined {
    switch (write.verb) {
      case "report":
        return this.#report(write.report);
      case "see":
        return this.#see(write.processes);
      case "merge":
        return this.#merge(write.now);
      case "put":
        return this.#put(write.resource, write.expected);
      case "drop":
        return (rowOf(this.#statements.dropResource, write.kind, write.name) as RevisionRow)?.[0];
      case "drop-due":
        return Number(this.#statements.dropDueResources.run(write.kind, write.time, write.limit).changes);
    }
  }

  #see(processes: readonly ProcessRow[]): undefined {
    for (const process of processes) this.#statements.putProcess.run(...processCells(process));
  }

  #report({ process, counts, failures }: ReportWrite): undefined {
    this.#see([process]);
    for (const row of counts) this.#statements.putCounts.run(...cellsOf(row));
    for (const failure of failures) this.#statements.addFailure.run(...failureCells(failure));
  }

  /** @returns true if there is more to merge */
  #merge(now: number): boolean {
    const { settled, counts, dropCounts, putCounts } = this.#statements;
    const rows = rowsOf(settled, now - LIMITS.countsSettledMs, LIMITS.countsBatch).map(rowOfCells);
    const known = mergedRows(rows).flatMap(({ period, time, method }) => {
      const row = rowOf(counts, "", period, time, method);
      return row === undefined ? [] : [rowOfCells(row)];
    });
    for (const row of mergedRows([...known, ...rows])) putCounts.run(...cellsOf(row));
    for (const { process, period, time, method } of rows) dropCounts.run(process, period, time, method);
    return this.#dropOld(now) || rows.length === LIMITS.countsBatch;
  }

  #dropOld(now: number): boolean {
    const { dropOldCounts, dropOldFailures, dropGone } = this.#statements;
    const dropped = [
      ...PERIODS.map((period) => dropOldCounts.run(period, now - PERIOD_KEPT_MS[period], LIMITS.countsBatch)),
      dropOldFailures.run(now - LIMITS.failuresKeptMs, LIMITS.countsBatch),
    ];
    dropGone.run(now - LIMITS.processKeptMs);
    return dropped.some(({ changes }) => Number(changes) === LIMITS.countsBatch);
  }

  #put(resource: Omit<Resource, "revision">, expected: number | null): number | undefined {
    const { kind, name, dueTime, value } = resource;
    const { newResource, replaceResource } = this.#statements;
    const row =
      expected === null
        ? rowOf(newResource, kind, name, dueTime, value)
        : rowOf(replaceResource, dueTime, value, kind, name, expected);
    return (row as RevisionRow)?.[0];
  }
}

type RevisionRow = readonly [revision: number] | undefined;

type Statements = ReturnType<typeof prepareAll>;

function prepareAll(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => prepareForRows(database, text);
  return {
    begin: prepare(session.BEGIN),
    commit: prepare(session.COMMIT),
    putProcess: prepare(sql.PUT_PROCESS),
    putCounts: prepare(sql.PUT_COUNTS),
    addFailure: prepare(sql.ADD_FAILURE),
    settled: prepare(sql.SETTLED),
    counts: prepare(sql.COUNTS),
    dropCounts: prepare(sql.DROP_COUNTS),
    dropOldCounts: prepare(sql.DROP_OLD_COUNTS),
    dropOldFailures: prepare(sql.DROP_OLD_FAILURES),
    dropGone: prepare(sql.DROP_GONE),
    newResource: prepare(sql.NEW_RESOURCE),
    replaceResource: prepare(sql.REPLACE_RESOURCE),
    dropResource: prepare(sql.DROP_RESOURCE),
    dropDueResources: prepare(sql.DROP_DUE_RESOURCES),
  };
}
