import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation, State } from "../../core/operation/operation.ts";
import type { ListPosition } from "../../core/list/order.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import type { SqlValue } from "../list/condition.ts";
import { type Content, contentOf, GatheredPage, type Page, type Shape } from "../list/gathered-page.ts";
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

/** The queries that a lookup needs from the store. */
export interface ListSource {
  readonly query: (text: string, parameters: readonly SqlValue[]) => Promise<readonly Row[]>;
  readonly read: (ids: readonly string[], content: Content) => Promise<readonly (Operation | undefined)[]>;
}

/**
 * One page of a list.
 *
 * Terms: a *scan* reads one index between two keys; a *window* is the next `LIMITS.listRowsPerTurn`
 * records of a scan. For each window, it first reads the keys and sizes of the records that fulfil
 * SQL's condition, then the records, as many as their sizes allow; `matches` decides which of these
 * belong to the list. Source of truth: `matches`; the plan and the condition only save work.
 */
export class ListLookup<Item extends ListPosition> {
  readonly #source: ListSource;
  readonly #query: ListQuery;
  readonly #plan: ListPlan;
  readonly #page: GatheredPage<Item>;
  readonly #content: Content;
  /** Whether to count examined records, which takes extra statements. */
  readonly #counts: boolean;

  constructor(source: ListSource, query: ListQuery, shape: Shape<Item>) {
    this.#source = source;
    this.#query = query;
    this.#plan = planOf(query, DIALECT);
    this.#page = new GatheredPage(query, this.#plan, shape);
    this.#content = contentOf(shape, query);
    this.#counts = shape.content === "LIGHT" && !this.#plan.exact;
  }

  /** Continues until the page is full, the list has ended, or enough was examined. */
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

  /**
   * The number of records examined in a window. A record that did not fit counts for the next page.
   */
  async #looked(scan: Scan, from: ScanKey, { end, stop }: Looked): Promise<number> {
    if (stop === undefined && end !== undefined) return LIMITS.listRowsPerTurn;
    const keys = forBranches(scan, [from, stop?.key ?? scan.to]);
    const [row] = await this.#source.query(countText(textOf(scan)), keys);
    return Number(row?.[0]) - (stop?.isFull === true ? 1 : 0);
  }

  /** @returns undefined if the scan ends before the window does */
  async #windowEnd(scan: Scan, from: ScanKey): Promise<ScanKey | undefined> {
    const keys = forBranches(scan, [from, scan.to]);
    const [row] = await this.#source.query(windowText(textOf(scan), LIMITS.listRowsPerTurn), keys);
    return row === undefined ? undefined : keyOf(row, scan);
  }

  /** @returns where it stopped before the end of the window */
  async #window(scan: Scan, from: ScanKey, to: ScanKey): Promise<Looked["stop"]> {
    const parameters = forBranches(scan, [from, to], scan.parameters);
    // One record more than fits shows that there are more. A scan that is not exact may drop any
    // record, so it reads the whole window.
    const most = this.#plan.exact ? this.#query.limit + 1 - this.#page.count : LIMITS.listRowsPerTurn;
    const keys = await this.#source.query(keysText(textOf(scan), most, this.#content), parameters);
    for (let index = 0; index < keys.length; ) {
      const chunk = chunkOf(keys, index);
      const records = await this.#source.read(
        chunk.map(([id]) => String(id)),
        this.#content,
      );
      for (const [at, record] of records.entries())
        if (record !== undefined && this.#page.take(record))
          return { key: keyOf(chunk[at] ?? [], scan), isFull: true };
      index += chunk.length;
      const last = chunk.at(-1);
      if (last !== undefined && index < keys.length && this.#page.isEnough)
        return { key: keyOf(last, scan), isFull: false };
    }
    // Some records of an exact page were removed after their keys were read, so the page is short.
    const last = keys.at(-1);
    return this.#plan.exact && last !== undefined && keys.length === most
      ? { key: keyOf(last, scan), isFull: false }
      : undefined;
  }
}

/** The result of reading a window. */
interface Looked {
  /** The end of the window; undefined if the scan ends earlier. */
  readonly end: ScanKey | undefined;
  /** Where it stopped before that: the page is full, or enough text was read. */
  readonly stop: { readonly key: ScanKey; readonly isFull: boolean } | undefined;
}

export function textOf({ kind, branches, descending, condition }: Scan): ListText {
  const isByState = kind === "state" || kind === "failures";
  const states = isByState ? branches.map(([, state]) => state as State) : [];
  return { scan: kind, states, descending, condition };
}

/**
 * The parameters of two keys and of a condition, for each branch; preceded by the parent, or by the
 * method before each key.
 *
 * @param told the parameters of a condition that is evaluated for each record and comes first
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

/** The most bytes of payloads that are loaded at once. */
const CHUNK_BYTES = 4_194_304;

/** The next keys whose records fit together; at least one. */
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

/** A key as parameters; a prefix of an id is completed to a whole id. */
function bound(key: ScanKey): readonly SqlValue[] {
  const [end, id] = key.length === 1 ? [undefined, key[0]] : key;
  const whole = id.endsWith("g") ? highId(id) : lowId(id);
  return end === undefined ? [whole] : [end, whole];
}

function keyOf([id, endTime]: Row, { kind }: Scan): ScanKey {
  return kind === "end" ? [Number(endTime), String(id)] : [String(id)];
}
