import { includesParent } from "../../core/operation/collection.ts";
import { matches } from "../../core/filter/matches.ts";
import { type OperationRow, rowOf } from "../../core/list/operation-row.ts";
import { LIMITS } from "../../core/limits.ts";
import { type ListPosition, positionOf } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import type { ListPlan, ScanKey } from "./plan.ts";

/** `next`: the place after which the list goes on; null at its end, and only there. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: ListPosition | null;
  /** Records that were looked at; of light shapes only, and 0 of others. */
  readonly lookedAt: number;
}

/** What becomes of the records of a list. */
export interface Shape<Item extends ListPosition> {
  /** Whether payloads are left out where no filter reads them, and it is counted what is looked at. */
  readonly light: boolean;
  of(record: Operation): Item;
}

/** Records as they are. */
export const RECORDS: Shape<Operation> = { light: false, of: (record) => record };

/** Rows for operators. */
export const ROWS: Shape<OperationRow> = { light: true, of: rowOf };

/** A page of a list while its records are looked up: which of them it takes, and when it has looked at enough. */
export class GatheredPage<Item extends ListPosition> {
  readonly #query: ListQuery;
  readonly #plan: ListPlan;
  readonly #shape: Shape<Item>;
  readonly #items: Item[] = [];
  #bytes = 0;
  #textExamined = 0;
  /** Records that the scans went over, in whole windows. */
  rowsExamined = 0;
  /** The same to the record. */
  lookedAt = 0;

  constructor(query: ListQuery, plan: ListPlan, shape: Shape<Item>) {
    this.#query = query;
    this.#plan = plan;
    this.#shape = shape;
  }

  /** Operations on it. */
  get count(): number {
    return this.#items.length;
  }

  /** Characters that the filter went through. */
  get textExamined(): number {
    return this.#textExamined;
  }

  /** Whether as much was examined as one call may: the list goes on in the next. */
  get isEnough(): boolean {
    return (
      this.rowsExamined >= LIMITS.listRowsExaminedMax || this.#textExamined >= LIMITS.listTextExaminedMax
    );
  }

  /** Takes the record if the list has it. @returns whether there is no more room */
  take(record: Operation): boolean {
    const bytes = (record.metadata?.json.length ?? 0) + (record.response?.json.length ?? 0);
    this.#textExamined += (LIMITS.listTextPerRecord + bytes) * this.#plan.payloadTerms;
    if (!this.#wants(record)) return false;
    this.#items.push(this.#shape.of(record));
    if (!this.#shape.light) this.#bytes += bytes;
    return this.#items.length > this.#query.limit || this.#bytes > LIMITS.pageBytesMax;
  }

  /** The last one taken has no room any more, unless it is the only one; the next page begins with it. */
  full(): Page<Item> {
    if (this.#items.length > 1) this.#items.pop();
    const last = this.#items.at(-1);
    return this.#answer(last === undefined ? null : positionOf(last));
  }

  /** @param key after which the list goes on; null at its end */
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

/** A key of an unfinished operation is its id, and so is every key in the order of creation, where the end has no say. */
function placeOf(key: ScanKey): ListPosition {
  return key.length === 1 ? { id: key[0], endTime: null } : { id: key[1], endTime: key[0] };
}
