import { includesParent } from "../../core/operation/collection.ts";
import { matches, readsPayloads } from "../../core/filter/matches.ts";
import { type OperationRow, rowOf } from "../../core/list/operation-row.ts";
import { LIMITS } from "../../core/limits.ts";
import { type ListPosition, positionOf } from "../../core/list/order.ts";
import { encodeJson } from "../../core/operation/payload.ts";
import type { Failure, Operation } from "../../core/operation/operation.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import type { ListPlan, ScanKey } from "./plan.ts";

/**
 * `next`: the position after which the list continues; null at the end of the list, and only there.
 */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: ListPosition | null;
  /** The number of records examined; counted for light shapes only, otherwise 0. */
  readonly lookedAt: number;
}

/**
 * The columns that a list reads. `WHOLE`: all; `SHOWN`: those that answers to callers show;
 * `LIGHT`: payloads are left out or cut.
 */
export type Content = "WHOLE" | "SHOWN" | "LIGHT";

/** How records become the items of a list. */
export interface Shape<Item extends ListPosition> {
  /** If `LIGHT`, payloads are read only for a filter, and examined records are counted. */
  readonly content: Content;
  of(record: Operation): Item;
}

/** Unchanged records. */
export const RECORDS: Shape<Operation> = { content: "WHOLE", of: (record) => record };

/** Records without the columns that no answer shows. */
export const SHOWN: Shape<Operation> = { content: "SHOWN", of: (record) => record };

/** Rows for operators. */
export const ROWS: Shape<OperationRow> = { content: "LIGHT", of: rowOf };

/** The columns to read for a list of a shape. */
export function contentOf(
  { content }: Pick<Shape<Operation>, "content">,
  { filter }: Pick<ListQuery, "filter">,
): Content {
  return content === "LIGHT" && filter !== null && readsPayloads(filter) ? "WHOLE" : content;
}

/**
 * A page of a list while its records are looked up: it decides which records to take and when to
 * stop.
 */
export class GatheredPage<Item extends ListPosition> {
  readonly #query: ListQuery;
  readonly #plan: ListPlan;
  readonly #shape: Shape<Item>;
  readonly #items: Item[] = [];
  #bytes = 0;
  #textExamined = 0;
  /** Records that the scans covered, in whole windows. */
  rowsExamined = 0;
  /** Records that were examined, counted exactly. */
  lookedAt = 0;

  constructor(query: ListQuery, plan: ListPlan, shape: Shape<Item>) {
    this.#query = query;
    this.#plan = plan;
    this.#shape = shape;
  }

  /** Items taken so far. */
  get count(): number {
    return this.#items.length;
  }

  /** Characters of payloads that the filter read. */
  get textExamined(): number {
    return this.#textExamined;
  }

  /** Whether one call has examined as many records as it may; the next call continues the list. */
  get isEnough(): boolean {
    return (
      this.rowsExamined >= LIMITS.listRowsExaminedMax || this.#textExamined >= LIMITS.listTextExaminedMax
    );
  }

  /** Takes the record if it belongs to the list. @returns true if the page is full */
  take(record: Operation): boolean {
    const bytes = (record.metadata?.json.length ?? 0) + (record.response?.json.length ?? 0);
    this.#textExamined += (LIMITS.listTextPerRecord + bytes) * this.#plan.payloadTerms;
    if (!this.#wants(record)) return false;
    this.#items.push(this.#shape.of(record));
    if (this.#shape.content !== "LIGHT")
      this.#bytes += bytes + record.request.length + lengthOf(record.error);
    return this.#items.length > this.#query.limit || this.#bytes > LIMITS.pageBytesMax;
  }

  /**
   * The page is full. It leaves out the last record taken, unless that is the only one; the next
   * page begins with it.
   */
  full(): Page<Item> {
    if (this.#items.length > 1) this.#items.pop();
    const last = this.#items.at(-1);
    return this.#answer(last === undefined ? null : positionOf(last));
  }

  /** @param key the key after which the list continues; null at its end */
  upTo(key: ScanKey | null): Page<Item> {
    return this.#answer(key === null ? null : placeOf(key));
  }

  #answer(next: ListPosition | null): Page<Item> {
    return { items: this.#items, next, lookedAt: this.#plan.exact ? this.#items.length : this.lookedAt };
  }

  #wants(record: Operation): boolean {
    const { collection, filter } = this.#query;
    return (
      this.#plan.exact ||
      (includesParent(collection, record.parent) && (filter === null || matches(filter, record)))
    );
  }
}

/** Characters of an error. */
function lengthOf(error: Failure | null): number {
  if (error === null) return 0;
  const { message, details } = error;
  return message.length + (details.length === 0 ? 0 : encodeJson(details).length);
}

/** The key of an unfinished operation is its id. In the order of creation, every key is an id. */
function placeOf(key: ScanKey): ListPosition {
  return key.length === 1 ? { id: key[0], endTime: null } : { id: key[1], endTime: key[0] };
}
