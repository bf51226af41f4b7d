import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation, State } from "../../core/operation/operation.ts";
import { readsPayloads } from "../../core/filter/matches.ts";
import type { ListPosition } from "../../core/list/order.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import type { SqlValue } from "../list/condition.ts";
import { GatheredPage, type Page, type Shape } from "../list/gathered-page.ts";
import { type ListDialect, type ListPlan, planOf, type Scan, type ScanKey } from "../list/plan.ts";
import type { Row } from "./database.ts";
import { highId, lowId } from "./id-bounds.ts";
import {
  branchesOf,
  countText,
  keysText,
  type ListText,
  PARENT_LIKE,
  windowText,
} from "./statements-list.ts";

/** What the lookup asks of the store. */
export interface ListSource {
  readonly query: (text: string, parameters: readonly SqlValue[]) => Promise<readonly Row[]>;
  /** @param light without payloads */
  readonly read: (ids: readonly string[], light: boolean) => Promise<readonly (Operation | undefined)[]>;
}

/**
 * One page of a list.
 *
 * Words: a *scan* reads one index between two keys; a *window* is the next `LIMITS.listRowsPerTurn` records of it. Of each
 * window first the keys and sizes are asked of those that SQL's condition holds for, then the records, as many as their sizes
 * allow; `matches` has the last word. Authority: `matches`; plan and condition only spare it work.
 */
export class ListLookup<Item extends ListPosition> {
  readonly #source: ListSource;
  readonly #query: ListQuery;
  readonly #plan: ListPlan;
  readonly #page: GatheredPage<Item>;
  readonly #light: boolean;
  /** Whether it is to be told how many records were looked at, which takes statements of its own. */
  readonly #counts: boolean;

  constructor(source: ListSource, query: ListQuery, shape: Shape<Item>) {
    this.#source = source;
    this.#query = query;
    this.#plan = planOf(query, DIALECT);
    this.#page = new GatheredPage(query, this.#plan, shape);
    this.#light = shape.light && (query.filter === null || !readsPayloads(query.filter));
    this.#counts = shape.light && !this.#plan.exact;
  }

  /** Looks until the page is full, everything has been seen, or enough has. */
  async page(): Promise<Page<Item>> {
    for (const scan of this.#plan.scans) {
      const ended = await this.#along(scan);
      if (ended !== undefined) return ended;
    }
    return this.#page.upTo(null);
  }

  async #along(scan: Scan): Promise<Page<Item> | undefined> {
    let from: ScanKey | undefined = scan.from;
    while (from !== undefined) {
      const end: ScanKey | undefined = this.#plan.exact ? undefined : await this.#windowEnd(scan, from);
      const stop = await this.#window(scan, from, end ?? scan.to);
      if (this.#counts) this.#page.lookedAt += await this.#looked(scan, from, { end, stop });
      if (stop !== undefined) return stop.isFull ? this.#page.full() : this.#page.upTo(stop.key);
      this.#page.rowsExamined += LIMITS.listRowsPerTurn;
      if (end !== undefined && this.#page.isEnough) return this.#page.upTo(end);
      from = end;
    }
    return undefined;
  }

  /** How many records of a window were gone over. The one for which there was no room is for the next page. */
  async #looked(scan: Scan, from: ScanKey, { end, stop }: Looked): Promise<number> {
    if (stop === undefined && end !== undefined) return LIMITS.listRowsPerTurn;
    const keys = forBranches(scan, [from, stop?.key ?? scan.to]);
    const [row] = await this.#source.query(countText(textOf(scan)), keys);
    return Number(row?.[0]) - (stop?.isFull === true ? 1 : 0);
  }

  /** @returns undefined where the scan ends before the window does */
  async #windowEnd(scan: Scan, from: ScanKey): Promise<ScanKey | undefined> {
    const keys = forBranches(scan, [from, scan.to]);
    const [row] = await this.#source.query(windowText(textOf(scan), LIMITS.listRowsPerTurn), keys);
    return row === undefined ? undefined : keyOf(row, scan);
  }

  /** @returns where it stopped before its end */
  async #window(scan: Scan, from: ScanKey, to: ScanKey): Promise<Looked["stop"]> {
    const parameters = forBranches(scan, [from, to], scan.parameters);
    // One more than has room tells that there are more. What is not exact may drop any of them.
    const most = this.#plan.exact ? this.#query.limit + 1 - this.#page.count : LIMITS.listRowsPerTurn;
    const keys = await this.#source.query(keysText(textOf(scan), most, this.#light), parameters);
    for (let index = 0; index < keys.length; ) {
      const chunk = chunkOf(keys, index);
      const records = await this.#source.read(
        chunk.map(([id]) => String(id)),
        this.#light,
      );
      for (const [at, record] of records.entries())
        if (record !== undefined && this.#page.take(record))
          return { key: keyOf(chunk[at] ?? [], scan), isFull: true };
      index += chunk.length;
      const last = chunk.at(-1);
      if (last !== undefined && index < keys.length && this.#page.isEnough)
        return { key: keyOf(last, scan), isFull: false };
    }
    // Some of an exact page were removed since their keys were asked for: it comes back short.
    const last = keys.at(-1);
    return this.#plan.exact && last !== undefined && keys.length === most
      ? { key: keyOf(last, scan), isFull: false }
      : undefined;
  }
}

/** How a window was gone through. */
interface Looked {
  /** Its end; undefined where the scan ends before. */
  readonly end: ScanKey | undefined;
  /** Where it was stopped before that: there is no more room on the page, or enough text was read. */
  readonly stop: { readonly key: ScanKey; readonly isFull: boolean } | undefined;
}

export function textOf({ kind, branches, descending, condition }: Scan): ListText {
  const isByState = kind === "state" || kind === "failures";
  const states = isByState ? branches.map(([, state]) => state as State) : [];
  return { scan: kind, states, descending, condition };
}

/**
 * The parameters of two keys, and of a condition, for each branch; with the parent before them, or the method before each key.
 *
 * @param told those of a condition that is told of each record, and stands first
 */
export function forBranches(
  scan: Scan,
  [first, second]: Keys,
  condition: readonly SqlValue[] = [],
  told: readonly SqlValue[] = [],
): readonly SqlValue[] {
  const [from, to] = [bound(first), bound(second)];
  if (scan.kind === "failures") {
    return scan.branches.flatMap(([method = ""]) => [...told, method, ...from, method, ...to, ...condition]);
  }
  const parent = scan.branches[0]?.slice(0, 1) ?? [];
  return branchesOf(textOf(scan)).flatMap(() => [...told, ...parent, ...from, ...to, ...condition]);
}

type Keys = readonly [from: ScanKey, to: ScanKey];

/** Payloads that are brought to the program at once, in bytes. */
const CHUNK_BYTES = 4_194_304;

/** The next keys whose records fit together; one at the least. */
function chunkOf(keys: readonly Row[], from: number): readonly Row[] {
  let bytes = 0;
  let end = from;
  while (end < keys.length && end - from < LIMITS.listTakenPerTurn) {
    bytes += Number(keys[end]?.[2]);
    if (bytes > CHUNK_BYTES && end > from) break;
    end++;
  }
  return keys.slice(from, end);
}

export const DIALECT: ListDialect = {
  parentLike: ({ parent }: Collection) => {
    const segments = parent
      .split("/")
      .map((each) => (each === WILDCARD ? "%" : each.replaceAll(/[%_\\]/g, String.raw`\$&`)));
    return { text: PARENT_LIKE, parameters: [segments.join("/")] };
  },
};

/** A key as parameters: what is no whole id yet becomes one. */
function bound(key: ScanKey): readonly SqlValue[] {
  const [end, id] = key.length === 1 ? [undefined, key[0]] : key;
  const whole = id.endsWith("g") ? highId(id) : lowId(id);
  return end === undefined ? [whole] : [end, whole];
}

function keyOf([id, endTime]: Row, { kind }: Scan): ScanKey {
  return kind === "end" ? [Number(endTime), String(id)] : [String(id)];
}
