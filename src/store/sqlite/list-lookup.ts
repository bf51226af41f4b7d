import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListPosition } from "../../core/list/order.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import { eachRow, prepareForRows, rowOf } from "./connection.ts";
import type { SqlValue } from "../list/condition.ts";
import { type Content, contentOf, GatheredPage, type Page, type Shape } from "../list/gathered-page.ts";
import { type ListDialect, type ListPlan, planOf, type Scan, type ScanKey } from "../list/plan.ts";
import { type OperationRow, toLightOperation, toOperation } from "./row.ts";
import { countText, PARENT_LIKE, rowsText, SCANS, windowText } from "./statements-list.ts";
import { Recent } from "../../core/value/recent.ts";

/**
 * One page of a list, looked up in turns, so that it never blocks the event loop for long.
 *
 * Terms: a *scan* reads one index between two keys; a *window* is the next `LIMITS.listRowsPerTurn`
 * records of a scan. SQL returns the records of a window that fulfil its condition, and `matches`
 * decides which of these belong to the list. Source of truth: `matches`; the plan and the condition
 * only save work. A list without a condition is read without windows. A turn takes at most
 * `LIMITS.listTakenPerTurn` records; the next turn continues in the same window.
 */
export class ListLookup<Item extends ListPosition> {
  readonly #statements: ListStatements;
  readonly #plan: ListPlan;
  readonly #page: GatheredPage<Item>;
  readonly #content: Content;
  /** Whether to count examined records, which takes extra statements. */
  readonly #counts: boolean;
  #scanned = 0;
  #from: ScanKey | undefined;
  /** The window that the last turn did not finish. */
  #paused: PausedWindow | undefined;

  constructor(statements: ListStatements, query: ListQuery, shape: Shape<Item>) {
    this.#statements = statements;
    this.#plan = planOf(query, DIALECT);
    this.#page = new GatheredPage(query, this.#plan, shape);
    this.#content = contentOf(shape, query);
    this.#counts = shape.content === "LIGHT" && !this.#plan.exact;
  }

  /** Runs one turn. @returns the page, or undefined if the lookup must continue */
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
    // A turn that stopped early because it read enough text is limited by the text, not by this
    // count.
    this.#page.rowsExamined += LIMITS.listRowsPerTurn;
    if (end !== undefined) return this.#goOn(end);
    this.#scanned++;
    this.#from = undefined;
    return this.#scanned < this.#plan.scans.length ? undefined : this.#page.upTo(null);
  }

  /**
   * The number of records that a turn examined. A record that did not fit counts for the next page.
   */
  #looked(scan: Scan, from: ScanKey, { end, stop }: Turn): number {
    if (stop === undefined && end !== undefined) return LIMITS.listRowsPerTurn;
    const text = countText({ ...scan, scan: scan.kind, branches: scan.branches.length });
    const row = rowOf(this.#statements.get(text), ...parametersOf(scan, from, stop?.key ?? scan.to));
    return Number(row?.[0]) - (stop?.isFull === true ? 1 : 0);
  }

  /** @returns undefined if the scan ends before the window does, or if no windows are needed */
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
   * @returns where it stopped before the end: the turn took enough records, the turn or the page
   *   read enough text, or the page is full
   */
  #read(scan: Scan, from: ScanKey, to: ScanKey): Turn["stop"] {
    const content = this.#content;
    const text = rowsText({ ...scan, scan: scan.kind, branches: scan.branches.length, content });
    const textMost = this.#page.textExamined + LIMITS.listTextPerTurn;
    const most = this.#page.count + LIMITS.listTakenPerTurn;
    for (const row of eachRow(this.#statements.get(text), ...parametersOf(scan, from, to, scan.parameters))) {
      const operation = (content === "LIGHT" ? toLightOperation : toOperation)(row as OperationRow);
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

/** The result of one turn. */
interface Turn {
  /** The end of its window; undefined if the scan ends earlier. */
  readonly end: ScanKey | undefined;
  /** Where the turn stopped before the end of its window. */
  readonly stop: { readonly key: ScanKey; readonly isFull: boolean; readonly isPause?: true } | undefined;
}

/** A window that the next turn continues. */
interface PausedWindow {
  readonly after: ScanKey;
  /** Undefined if the scan ends before the window does. */
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

/** Prepared statements for the most recently used shapes of lists. */
export class ListStatements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Recent<string, StatementSync>(LIMITS.listStatementsMax);

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(text: string): StatementSync {
    const known = this.#prepared.use(text);
    if (known !== undefined) return known;
    const statement = prepareForRows(this.#database, text);
    this.#prepared.set(text, statement);
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
