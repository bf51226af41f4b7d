import { createHash } from "node:crypto";
import { type Collection, collectionOf } from "../../core/operation/collection.ts";
import { serviceError } from "../../core/error/error.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { withVerbs } from "../../core/filter/verbs.ts";
import { type ListOrder, listOrderOf } from "../../core/list/order.ts";
import { parseCollection } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { pageSize } from "../../core/list/page-size.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Store } from "../../core/ports/store.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";

/** What a list asks for. */
export interface ListRequest {
  /**
   * The parent; `""`, `operations`, `P` and `P/operations` are all understood (contract section 1.7). `-` in the place of a
   * segment stands for any one, and `-` alone for every parent there is.
   */
  readonly parent: string;
  /** 0 or left out for the default; above the maximum is lowered silently (AIP-158). */
  readonly pageSize?: number | undefined;
  /** From the page before; empty or left out for the first. */
  readonly pageToken?: string | undefined;
  /** AIP-160; empty or left out for all. See docs/filters.md. */
  readonly filter?: string | undefined;
  /** AIP-132: `createTime` or `endTime`, with ` desc` after it or not; empty or left out for newest first. */
  readonly orderBy?: string | undefined;
  /** For lists across collections only, which may be partial (AIP-217). */
  readonly returnPartialSuccess?: boolean | undefined;
}

/** A page of a list. */
export interface ListPage {
  /** May be fewer than asked for, or none, although more follow: what one page looks at has a bound (AIP-158). */
  readonly operations: readonly Operation[];
  /** Empty at the end of the list, and only there. */
  readonly nextPageToken: string;
  /** Collections that could not be read. None as long as all of them are in one store. */
  readonly unreachable: readonly string[];
}

/** What lists are made with. */
export interface ListParts {
  readonly store: Store;
  readonly random: Random;
  /** What operations of a method do, of those methods whose operations say so by another word than its name. */
  readonly verbs: ReadonlyMap<string, string>;
}

/**
 * A page of operations, of one collection or across several.
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, FILTER_INVALID,
 *   ORDER_BY_INVALID, PARTIAL_SUCCESS_UNSUPPORTED
 */
export async function listPage(request: ListRequest, { store, random, verbs }: ListParts): Promise<ListPage> {
  const collection = collectionOf(parseCollection(request.parent));
  const limit = pageSize(request.pageSize);
  if (request.returnPartialSuccess === true && !collection.isWide) throw neverPartial();
  const compiled = compileFilter(request.filter ?? "");
  const filter = compiled === undefined ? null : withVerbs(compiled, verbs);
  const order = listOrderOf(request.orderBy);
  if (collection.isWide && order.by !== "createTime") throw wideOrder(order);
  const list = identityOf(collection, request.filter ?? "", order);
  const token = request.pageToken ?? "";
  const after = token === "" ? null : openPageToken(token, list, store.key, store.time()).after;
  const { operations, next } = await store.list({ collection, filter, order, after, limit });
  const nextPageToken =
    next === null ? "" : sealPageToken({ list, after: next }, store.key, store.time(), random);
  return { operations, nextPageToken, unreachable: [] };
}

/** What a token belongs to: everything that was asked for but the page size, in few bytes, as tokens travel in addresses. */
function identityOf(collection: Collection, filter: string, order: ListOrder): string {
  const asked = JSON.stringify([collection.parent, filter, order.by, order.descending]);
  return createHash("sha256").update(asked).digest("base64url");
}

/** Partial success is documented, for wide lists; a service that did not know it would say UNIMPLEMENTED. @see AIP-217 */
function neverPartial(): Error {
  return serviceError(
    "PARTIAL_SUCCESS_UNSUPPORTED",
    "Partial success is for lists across collections, such as projects/p/locations/-; this list comes from one and is never partial.",
  );
}

function wideOrder({ by }: ListOrder): Error {
  return serviceError(
    "ORDER_BY_INVALID",
    `Invalid order: a list across collections is in the order of createTime only, not of ${by}.`,
    { metadata: { orderBy: by } },
  );
}
