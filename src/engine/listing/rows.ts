import type { Filter } from "../../core/filter/filter.ts";
import { LIMITS } from "../../core/limits.ts";
import type { OperationRow } from "../../core/list/operation-row.ts";
import { DEFAULT_ORDER, type ListOrder, type ListPosition } from "../../core/list/order.ts";
import { pageSize } from "../../core/list/page-size.ts";
import { type Collection, collectionOf, WILDCARD } from "../../core/operation/collection.ts";
import { idTime } from "../../core/operation/id.ts";
import { parseCollection } from "../../core/operation/name.ts";
import type { CountAnswer, RowsAnswer } from "../../core/ports/lists.ts";
import { isStorable } from "../../core/value/text.ts";
import { formatTimestamp } from "../../core/value/timestamp.ts";
import { untouchedBuiltIns } from "../admin/built-in.ts";
import { type ListParts, PageTokens, readFilter, readOrder } from "./list.ts";

/** The operations that an operator requests. */
export interface RowsFilter {
  /**
   * Like the parent of a list; empty or missing for all parents. `operations` is the collection
   * without a parent.
   */
  readonly collection?: string | undefined;
  /** Like the filter of a list. */
  readonly filter?: string | undefined;
  /**
   * The name of a method, to list only its operations. With a filter on failures over several
   * parents, the store can then seek instead of search.
   */
  readonly method?: string | undefined;
}

/** The request of a list of rows. */
export interface RowsRequest extends RowsFilter {
  /** Like the order of a list; over several parents, only by `createTime`. */
  readonly orderBy?: string | undefined;
  /** 0 or missing for the default; larger values than `LIMITS.rowsMax` are lowered silently. */
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** A page of rows. Times are on the store's clock. */
export interface RowsPage {
  /** May have fewer rows than requested, or none, although more follow. */
  readonly rows: readonly OperationRow[];
  /** Empty only at the end of the list. */
  readonly nextPageToken: string;
  /** The number of records that were read for this page. */
  readonly lookedAt: number;
  /**
   * The create time (or end time, depending on the order) of the last record read; null at the end
   * of the list.
   */
  readonly lookedBackTo: number | null;
  readonly asOf: number;
}

/** The request of a count. */
export interface CountRequest extends RowsFilter {
  /** Only operations created until then. @default the store's time */
  readonly notAfter?: number | undefined;
}

/**
 * Counts the operations that an action on all matching ones would change: built-in ones only if the
 * request names them (`untouchedBuiltIns`). It covers the newest `LIMITS.listRowsExaminedMax`, with
 * at most `LIMITS.countExamplesMax` examples.
 */
export interface RowsCount extends CountAnswer {
  readonly notAfter: number;
}

/**
 * A page of operations without their payloads.
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, FILTER_INVALID, ORDER_BY_INVALID
 */
export async function listRows(request: RowsRequest, parts: ListParts): Promise<RowsPage> {
  const { store } = parts;
  const collection = readCollection(request);
  const limit = Math.min(pageSize(request.pageSize), LIMITS.rowsMax);
  const filter = ofMethod(request.method, readFilter(request.filter, parts.verbs));
  const order = readOrder(request.orderBy, collection);
  const asked = ["rows", collection.parent, request.filter, request.method, order.by, order.descending];
  const tokens = new PageTokens(asked, parts);
  const after = tokens.open(request.pageToken);
  const { rows, next, lookedAt } = await store.rows({ collection, filter, order, after, limit });
  const lookedBackTo = next === null ? null : timeOf(next, order);
  return { rows, nextPageToken: tokens.seal(next), lookedAt, lookedBackTo, asOf: store.time() };
}

/**
 * Counts the matching operations.
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID, FILTER_INVALID
 */
export async function countRows(request: CountRequest, { store, verbs }: ListParts): Promise<RowsCount> {
  const collection = readCollection(request);
  const notAfter = request.notAfter ?? store.time();
  const created = readFilter(`metadata.createTime <= "${formatTimestamp(notAfter)}"`, verbs);
  const asked = both(created, ofMethod(request.method, readFilter(request.filter, verbs)));
  const untouched: Filter = { kind: "methods", names: untouchedBuiltIns(request) };
  const filter = both(asked, { kind: "not", operand: untouched });
  // The limit of a page equals the limit of reads, so that the page ends there.
  const query = { collection, filter, limit: LIMITS.listRowsExaminedMax };
  const examples = LIMITS.countExamplesMax;
  const counted =
    (await store.count?.({ ...query, examples })) ?? countOfRows(await store.rows({ ...query, ...NEWEST }));
  return { ...counted, notAfter };
}

const NEWEST = { order: DEFAULT_ORDER, after: null };

function countOfRows({ rows, next, lookedAt }: RowsAnswer): CountAnswer {
  return {
    count: rows.length,
    complete: next === null,
    lookedAt,
    done: rows.filter(({ endTime }) => endTime !== null).length,
    examples: rows.slice(0, LIMITS.countExamplesMax),
  };
}

function readCollection({ collection = "" }: RowsFilter): Collection {
  return collectionOf(collection === "" ? WILDCARD : parseCollection(collection));
}

function ofMethod(method: string | undefined, filter: Filter | null): Filter | null {
  return both(method === undefined || method === "" ? null : methodFilter(method), filter);
}

/** Operations of one method. A name that no store can keep matches no record. */
export function methodFilter(name: string): Filter {
  return { kind: "methods", names: new Set(isStorable(name) ? [name] : []) };
}

function both(left: Filter | null, right: Filter | null): Filter | null {
  if (left === null || right === null) return left ?? right;
  return { kind: "and", operands: [left, right] };
}

function timeOf({ id, endTime }: ListPosition, { by }: ListOrder): number {
  return by === "endTime" && endTime !== null ? endTime : idTime(id);
}
