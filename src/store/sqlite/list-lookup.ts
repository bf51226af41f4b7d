import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListPosition } from "../../core/list/order.ts";
import { readsPayloads } from "../../core/filter/matches.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import { eachRow, prepareForRows, rowOf } from "./connection.ts";
import type { SqlValue } from "../list/condition.ts";
import { GatheredPage, type Page, type Shape } from "../list/gathered-page.ts";
import { type ListDialect, type ListPlan, planOf, type Scan, type ScanKey } from "../list/plan.ts";
import { type OperationRow, toLightOperation, toOperation } from "./row.ts";
import { countText, PARENT_LIKE, rowsText, SCANS, windowText } from "./statements-list.ts";

/**
 * One page of a list, looked up in turns, so that the event loop is never held for long.
 *
 * Words: a *scan* reads one index between two keys; a *window* is the next `LIMITS.listRowsPerTurn` records of it, of
 * which SQL hands over those that its condition holds for, and `matches` has the last word. Authority: `matches`; plan and
 * condition only spare it work. A list that needs no condition is read without windows. A turn takes
 * `LIMITS.listTakenPerTurn` records at most; the next one continues in the same window.
 */
export class ListLookup<Item extends ListPosition> {
  readonly #statements: ListStatements;
  readonly #plan: ListPlan;
  readonly #page: GatheredPage<Item>;
  readonly #light: boolean;
  /** Whether it is to be told how many records were looked at, which takes statements of its own. */
  readonly #counts: boolean;
  #scanned = 0;
  #from: ScanKey | undefined;
  /** The window whose records did not fit in the last turn. */
  #paused: PausedWindow | undefined;

  constructor(statements: ListStatements, query: ListQuery, shape: Shape<Item>) {
    this.#statements = statements;
    this.#plan = planOf(query, DIALECT);
    this.#page = new GatheredPage(query, this.#plan, shape);
    this.#light = shape.light && (query.filter === null || !readsPayloads(query.filter));
    this.#counts = shape.light && !this.#plan.exact;
  }

  /** Looks on for one turn. @returns the page, or undefined if there is more to look at */
  turn(): Page<Item> | undefined {
    const scan = this.#plan.scans[this.#scanned];
    if (scan === undefined) return this.#page.upTo(null);
    const from = this.#from ?? scan.from;
    const { after, end } = this.#paused ?? { after: from, end: this.#windowEnd(scan, from) };
    const stop = this.#read(scan, after, end ?? scan.to);
    this.#paused = stop?.isPause === true ? { after: stop.key, end } : undefined;
    if (this.#paused !== undefined) return undefined;
    if (this.#counts) this.#page.lookedAt += this.#looked(scan, from, { end, stop });
    if (stop?.isFull === true) return this.#page.full();
    if (stop !== undefined) return this.#goOn(stop.key);
    // A turn that read enough text before its window was over is counted by that.
    this.#page.rowsExamined += LIMITS.listRowsPerTurn;
    if (end !== undefined) return this.#goOn(end);
    this.#scanned++;
    this.#from = undefined;
    return this.#scanned < this.#plan.scans.length ? undefined : this.#page.upTo(null);
  }

  /** How many records a turn went over. The one for which there was no room is for the next page. */
  #looked(scan: Scan, from: ScanKey, { end, stop }: Turn): number {
    if (stop === undefined && end !== undefined) return LIMITS.listRowsPerTurn;
    const text = countText({ ...scan, scan: scan.kind, branches: scan.branches.length });
    const row = rowOf(this.#statements.get(text), ...parametersOf(scan, from, stop?.key ?? scan.to));
    return Number(row?.[0]) - (stop?.isFull === true ? 1 : 0);
  }

  /** @returns undefined where the scan ends before the window does, or no windows are needed */
  #windowEnd(scan: Scan, from: ScanKey): ScanKey | undefined {
    if (this.#plan.exact) return undefined;
    const key = rowOf(
      this.#statements.get(windowText({ ...scan, scan: scan.kind, branches: scan.branches.length })),
      ...parametersOf(scan, from, scan.to),
      LIMITS.listRowsPerTurn - 1,
    );
    return key as ScanKey | undefined;
  }

  /**
   * @returns where it stopped before the end: the turn has taken enough records, the turn or the page has read enough text, or
   *   there is no more room
   */
  #read(scan: Scan, from: ScanKey, to: ScanKey): Turn["stop"] {
    const light = this.#light;
    const text = rowsText({ ...scan, scan: scan.kind, branches: scan.branches.length, light });
    const textMost = this.#page.textExamined + LIMITS.listTextPerTurn;
    const most = this.#page.count + LIMITS.listTakenPerTurn;
    for (const row of eachRow(this.#statements.get(text), ...parametersOf(scan, from, to, scan.parameters))) {
      const operation = (light ? toLightOperation : toOperation)(row as OperationRow);
      if (this.#page.take(operation)) return { key: keyOf(operation, scan), isFull: true };
      if (this.#page.textExamined >= textMost) return { key: keyOf(operation, scan), isFull: false };
      if (this.#page.count >= most) return { key: keyOf(operation, scan), isFull: false, isPause: true };
    }
    return undefined;
  }

  #goOn(key: ScanKey): Page<Item> | undefined {
    this.#from = key;
    return this.#page.isEnough ? this.#page.upTo(key) : undefined;
  }
}

/** What one turn comes to. */
interface Turn {
  /** The end of its window; undefined where the scan ends before. */
  readonly end: ScanKey | undefined;
  /** Where it stopped before that. */
  readonly stop: { readonly key: ScanKey; readonly isFull: boolean; readonly isPause?: true } | undefined;
}

/** A window that the next turn reads on. */
interface PausedWindow {
  readonly after: ScanKey;
  /** Undefined where the scan ends before the window does. */
  readonly end: ScanKey | undefined;
}

function parametersOf(
  scan: Scan,
  from: ScanKey,
  to: ScanKey,
  own: readonly SqlValue[] = [],
): readonly SqlValue[] {
  return scan.branches.flatMap((branch) => [...branch, ...from, ...to, ...own]);
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
