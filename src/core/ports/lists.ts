import type { Filter } from "../filter/filter.ts";
import type { OperationRow } from "../list/operation-row.ts";
import type { ListOrder, ListPosition } from "../list/order.ts";
import type { Collection } from "../operation/collection.ts";
import type { Operation } from "../operation/operation.ts";

/** What the store is asked for in lists, and what it answers. */

/** What a list asks for. */
export interface ListQuery {
  readonly collection: Collection;
  /** Null for all. */
  readonly filter: Filter | null;
  /** Over several collections by creation only. */
  readonly order: ListOrder;
  /** Only what comes after this place; null for the first page. */
  readonly after: ListPosition | null;
  /** At least 1. */
  readonly limit: number;
}

/** `next`: the place after which the list goes on; null at its end, and only there. */
export interface ListAnswer {
  readonly operations: readonly Operation[];
  readonly next: ListPosition | null;
}

/** What is to be counted: operations of a collection that a filter matches, of the newest `limit` there are. */
export interface CountQuery extends Pick<ListQuery, "collection" | "filter" | "limit"> {
  /** How many rows are wanted with the count, newest first. */
  readonly examples: number;
}

/** How many operations match. */
export interface CountAnswer {
  readonly count: number;
  /** Of those that match, how many are done. */
  readonly done: number;
  /** Records that were looked at. */
  readonly lookedAt: number;
  /** Whether these are all there are. */
  readonly complete: boolean;
  readonly examples: readonly OperationRow[];
}

/** As `ListAnswer`. `lookedAt`: records that were looked at, those of the rows included. */
export interface RowsAnswer {
  readonly rows: readonly OperationRow[];
  readonly next: ListPosition | null;
  readonly lookedAt: number;
}
