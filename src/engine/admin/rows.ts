import { createHash } from "node:crypto";
import { serviceError } from "../../core/error/error.ts";
import { compileFilter } from "../../core/filter/check.ts";
import type { Filter } from "../../core/filter/filter.ts";
import { withVerbs } from "../../core/filter/verbs.ts";
import { LIMITS } from "../../core/limits.ts";
import { listOrderOf } from "../../core/list/order.ts";
import { pageSize } from "../../core/list/page-size.ts";
import type { Collection } from "../../core/operation/collection.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Store } from "../../core/ports/store.ts";
import { openPageToken, sealPageToken } from "../listing/page-token.ts";
import { type Access, narrowed } from "./access.ts";
import { type OperationRow, rowOf } from "./row.ts";

/** What an operator's list asks for. Empty texts and 0 are as if they were left out. */
export interface RowsRequest {
  /** As the parent of a callers' list; empty for every collection. */
  readonly collection: string;
  readonly filter: string;
  readonly orderBy: string;
  readonly pageSize: number;
  readonly pageToken: string;
  /** Of this method only. */
  readonly method: string;
}

/** A page of rows. */
export interface RowsPage {
  readonly operations: readonly OperationRow[];
  readonly nextPageToken: string;
  readonly lookedAt: number;
  /** The creation of the last operation that was looked at; null at the end of the list. */
  readonly lookedBackTo: number | null;
  readonly asOf: number;
}

/** What lists of rows are made with. */
export interface RowsParts {
  readonly store: Store;
  readonly random: Random;
  /** As `ListParts.verbs`. */
  readonly verbs: ReadonlyMap<string, string>;
}

/**
 * A page of what an operator sees, newest first by default.
 *
 * @throws {StatusError} as a callers' list
 */
export async function listRows(access: Access, request: RowsRequest, parts: RowsParts): Promise<RowsPage> {
  const { store, random, verbs } = parts;
  const collection = narrowed(access, request.collection);
  const limit = rowsLimit(request.pageSize);
  const filter = filterOf(request, verbs);
  const order = listOrderOf(request.orderBy);
  const asOf = store.time();
  if (collection === undefined)
    return { operations: [], nextPageToken: "", lookedAt: 0, lookedBackTo: null, asOf };
  if (collection.isWide && order.by !== "createTime") throw wideOrder(order.by);
  const list = identityOf(collection, request, [order.by, order.descending]);
  const { pageToken: token } = request;
  const after = token === "" ? null : openPageToken(token, list, store.key, asOf).after;
  const { operations, next } = await store.list({ collection, filter, order, after, limit });
  const nextPageToken = next === null ? "" : sealPageToken({ list, after: next }, store.key, asOf, random);
  return {
    operations: operations.map(rowOf),
    nextPageToken,
    lookedAt: operations.length,
    lookedBackTo: next === null ? null : (operations.at(-1)?.createTime ?? null),
    asOf,
  };
}

/** The filter of a request with its method. @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID */
function filterOf(
  { filter, method }: Pick<RowsRequest, "filter" | "method">,
  verbs: ReadonlyMap<string, string>,
): Filter | null {
  const compiled = compileFilter(filter);
  const asked = compiled === undefined ? undefined : withVerbs(compiled, verbs);
  const ofMethod: Filter | undefined =
    method === "" ? undefined : { kind: "methods", names: new Set([method]) };
  if (asked === undefined || ofMethod === undefined) return asked ?? ofMethod ?? null;
  return { kind: "and", operands: [ofMethod, asked] };
}

function rowsLimit(wished: number): number {
  return wished === 0 ? LIMITS.adminPageSizeDefault : Math.min(pageSize(wished), LIMITS.adminPageSizeMax);
}

/** What a token belongs to. No token of a callers' list is one of these. */
function identityOf(
  { parent }: Collection,
  { filter, method }: RowsRequest,
  order: readonly unknown[],
): string {
  const asked = JSON.stringify(["rows", parent, filter, method, ...order]);
  return createHash("sha256").update(asked).digest("base64url");
}

function wideOrder(by: string): Error {
  return serviceError(
    "ORDER_BY_INVALID",
    `Invalid order: a list across collections is in the order of createTime only, not of ${by}.`,
    { metadata: { orderBy: by } },
  );
}
