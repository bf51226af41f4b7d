import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListAnswer, ListQuery } from "../../core/ports/store.ts";
import { eachRow, prepareForRows, rowOf } from "./connection.ts";
import { GatheredPage } from "../list/gathered-page.ts";
import { type ListDialect, type ListPlan, planOf, type Scan, type ScanKey } from "../list/plan.ts";
import { type OperationRow, toOperation } from "./row.ts";
import { PARENT_LIKE, rowsText, SCANS, windowText } from "./statements-list.ts";

/**
 * One page of a list, looked up in turns, so that the event loop is never held for long.
 *
 * Words: a *scan* reads one index between two keys; a *window* is the next `LIMITS.listRowsPerTurn` records of it, of
 * which SQL hands over those that its condition holds for, and `matches` has the last word. Authority: `matches`; plan and
 * condition only spare it work. A list that needs no condition is read in one turn, without windows.
 */
export class ListLookup {
  readonly #statements: ListStatements;
  readonly #plan: ListPlan;
  readonly #page: GatheredPage;
  #scanned = 0;
  #from: ScanKey | undefined;

  constructor(statements: ListStatements, query: ListQuery) {
    this.#statements = statements;
    this.#plan = planOf(query, DIALECT);
    this.#page = new GatheredPage(query, this.#plan);
  }

  /** Looks on for one turn. @returns the page, or undefined if there is more to look at */
  turn(): ListAnswer | undefined {
    const scan = this.#plan.scans[this.#scanned];
    if (scan === undefined) return this.#page.upTo(null);
    const from = this.#from ?? scan.from;
    const to = this.#plan.exact ? undefined : this.#windowEnd(scan, from);
    const stopped = this.#read(scan, from, to ?? scan.to);
    if (stopped === "full") return this.#page.full();
    if (stopped !== undefined) return this.#goOn(stopped);
    // A turn that read enough text before its window was over is counted by that.
    this.#page.rowsExamined += LIMITS.listRowsPerTurn;
    if (to !== undefined) return this.#goOn(to);
    this.#scanned++;
    this.#from = undefined;
    return this.#scanned < this.#plan.scans.length ? undefined : this.#page.upTo(null);
  }

  /** @returns undefined where the scan ends before the window does */
  #windowEnd(scan: Scan, from: ScanKey): ScanKey | undefined {
    const key = rowOf(
      this.#statements.get(windowText({ ...scan, scan: scan.kind, branches: scan.branches.length })),
      ...scan.branches.flatMap((branch) => [...branch, ...from, ...scan.to]),
      LIMITS.listRowsPerTurn - 1,
    );
    return key as ScanKey | undefined;
  }

  /** @returns the key at which the turn, or the page, has read enough text; `full` when there is no more room */
  #read(scan: Scan, from: ScanKey, to: ScanKey): ScanKey | "full" | undefined {
    const text = rowsText({ ...scan, scan: scan.kind, branches: scan.branches.length });
    const parameters = scan.branches.flatMap((branch) => [...branch, ...from, ...to, ...scan.parameters]);
    const textMost = this.#page.textExamined + LIMITS.listTextPerTurn;
    for (const row of eachRow(this.#statements.get(text), ...parameters)) {
      const operation = toOperation(row as OperationRow);
      if (this.#page.take(operation)) return "full";
      if (this.#page.textExamined >= textMost) return keyOf(operation, scan);
    }
    return undefined;
  }

  #goOn(key: ScanKey): ListAnswer | undefined {
    this.#from = key;
    return this.#page.isEnough ? this.#page.upTo(key) : undefined;
  }
}

/** Statements ready to run: of the shapes of lists that were asked for last. */
export class ListStatements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(text: string): StatementSync {
    const statement = this.#prepared.get(text) ?? prepareForRows(this.#database, text);
    // The one asked for last comes last.
    this.#prepared.delete(text);
    this.#prepared.set(text, statement);
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size > LIMITS.listStatementsMax && oldest !== undefined) this.#prepared.delete(oldest);
    return statement;
  }
}

const DIALECT: ListDialect = {
  parentLike: ({ parent }: Collection) => {
    const segments = parent
      .split("/")
      .map((each) => (each === WILDCARD ? "*" : each.replaceAll(/[*?[]/g, "[$&]")));
    return { text: PARENT_LIKE, parameters: [segments.join("/")] };
  },
};

function keyOf({ id, endTime }: Operation, { kind }: Scan): ScanKey {
  return SCANS[kind].key === "id" ? [id] : [endTime ?? 0, id];
}
