import type { Filter } from "../filter/filter.ts";
import type { OperationRow } from "../list/operation-row.ts";
import type { ListOrder, ListPosition } from "../list/order.ts";
import type { Collection } from "../operation/collection.ts";
import type { Operation } from "../operation/operation.ts";

/** The requests and answers of lists in the store. */

/** The request of a list. */
export interface ListQuery {
  readonly collection: Collection;
  /** Null for all. */
  readonly filter: Filter | null;
  /** Over several collections, only by creation. */
  readonly order: ListOrder;
  /** The position after which the list begins; null for the first page. */
  readonly after: ListPosition | null;
  /** At least 1. */
  readonly limit: number;
  /**
   * `SHOWN`: the request, the exception, the attempts and the trace context are left out, because
   * no answer to a caller shows them; the records have none. @default "WHOLE"
   */
  readonly content?: "WHOLE" | "SHOWN";
}

/** `next`: the position after which the list continues; null only at its end. */
export interface ListAnswer {
  readonly operations: readonly Operation[];
  readonly next: ListPosition | null;
}

/** The request of a count: the newest `limit` operations of a collection that match a filter. */
export interface CountQuery extends Pick<ListQuery, "collection" | "filter" | "limit"> {
  /** The number of example rows with the count, newest first. */
  readonly examples: number;
}

/** The number of matching operations. */
export interface CountAnswer {
  readonly count: number;
  /** How many of the matching operations are done. */
  readonly done: number;
  /** The number of records that were read. */
  readonly lookedAt: number;
  /** Whether the count includes all matching operations. */
  readonly complete: boolean;
  readonly examples: readonly OperationRow[];
}

/**
 * Like `ListAnswer`. `lookedAt`: the number of records that were read, including those of the rows.
 */
export interface RowsAnswer {
  readonly rows: readonly OperationRow[];
  readonly next: ListPosition | null;
  readonly lookedAt: number;
}
