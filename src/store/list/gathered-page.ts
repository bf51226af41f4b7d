import { includesParent } from "../../core/operation/collection.ts";
import { matches } from "../../core/filter/matches.ts";
import { LIMITS } from "../../core/limits.ts";
import { type ListPosition, positionOf } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListAnswer, ListQuery } from "../../core/ports/store.ts";
import type { ListPlan, ScanKey } from "./plan.ts";

/** A page of a list while its records are looked up: which of them it takes, and when it has looked at enough. */
export class GatheredPage {
  readonly #query: ListQuery;
  readonly #plan: ListPlan;
  readonly #operations: Operation[] = [];
  #bytes = 0;
  #textExamined = 0;
  /** Records that the scans went over. */
  rowsExamined = 0;

  constructor(query: ListQuery, plan: ListPlan) {
    this.#query = query;
    this.#plan = plan;
  }

  /** Operations on it. */
  get count(): number {
    return this.#operations.length;
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
    this.#operations.push(record);
    this.#bytes += bytes;
    return this.#operations.length > this.#query.limit || this.#bytes > LIMITS.pageBytesMax;
  }

  /** The last one taken has no room any more, unless it is the only one; the next page begins with it. */
  full(): ListAnswer {
    if (this.#operations.length > 1) this.#operations.pop();
    const last = this.#operations.at(-1);
    return { operations: this.#operations, next: last === undefined ? null : positionOf(last) };
  }

  /** @param key after which the list goes on; null at its end */
  upTo(key: ScanKey | null): ListAnswer {
    return { operations: this.#operations, next: key === null ? null : placeOf(key) };
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
