import { createHash } from "node:crypto";
import { type Collection, collectionOf, narrowedTo } from "../../core/operation/collection.ts";
import { serviceError } from "../../core/error/error.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { withVerbs } from "../../core/filter/verbs.ts";
import type { Filter } from "../../core/filter/filter.ts";
import { type ListOrder, listOrderOf, type ListPosition } from "../../core/list/order.ts";
import { parseCollection } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { withoutUnreadable } from "../../core/operation/unreadable.ts";
import { pageSize } from "../../core/list/page-size.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Store } from "../../core/ports/store.ts";
import { withoutBuiltIns } from "../admin/built-in.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";

/** The request of a list. */
export interface ListRequest {
  /**
   * The parent; `""`, `operations`, `P` and `P/operations` are all accepted (contract section 1.7).
   * `-` in place of a segment matches any segment, and `-` alone matches every parent.
   */
  readonly parent: string;
  /**
   * 0 or missing for the default; larger values than the maximum are lowered silently (AIP-158).
   */
  readonly pageSize?: number | undefined;
  /** From the previous page; empty or missing for the first. */
  readonly pageToken?: string | undefined;
  /** AIP-160; empty or missing for all. See docs/filters.md. */
  readonly filter?: string | undefined;
  /**
   * AIP-132: `createTime` or `endTime`, optionally with ` desc`; empty or missing for newest first.
   */
  readonly orderBy?: string | undefined;
  /** For lists across collections only, which may be partial (AIP-217). */
  readonly returnPartialSuccess?: boolean | undefined;
  /**
   * For a list across collections: only parents that are equal to, or below, one of these. Not set
   * by callers. @default all
   */
  readonly within?: readonly string[] | undefined;
  /**
   * The principal, if the content of a list across collections depends on it; page tokens are bound
   * to it. Not set by callers.
   */
  readonly principal?: string | undefined;
}

/** A page of a list. */
export interface ListPage {
  /**
   * May have fewer operations than requested, or none, although more follow, because one page reads
   * a limited number of records (AIP-158).
   */
  readonly operations: readonly Operation[];
  /** Empty only at the end of the list. */
  readonly nextPageToken: string;
  /** Collections that could not be read. None as long as all of them are in one store. */
  readonly unreachable: readonly string[];
}

/** The parts of lists. */
export interface ListParts {
  readonly store: Store;
  readonly random: Random;
  /** The verbs of methods whose verb differs from their name. */
  readonly verbs: ReadonlyMap<string, string>;
}

/** The parts of pages of whole operations. */
export interface PageParts extends ListParts {
  /** The service's name, for the ErrorInfo of errors. */
  readonly domain: string;
  /** As of {@link ListQuery}. @default "SHOWN" */
  readonly content?: ListQuery["content"];
}

/**
 * A page of operations, of one collection or across several.
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, FILTER_INVALID,
 *   ORDER_BY_INVALID, PARTIAL_SUCCESS_UNSUPPORTED
 */
export async function listPage(request: ListRequest, parts: PageParts): Promise<ListPage> {
  const collection = narrowedTo(collectionOf(parseCollection(request.parent)), request.within);
  const limit = pageSize(request.pageSize);
  if (request.returnPartialSuccess === true && !collection.isWide) throw neverPartial();
  const filter = withoutBuiltIns(collection, readFilter(request.filter, parts.verbs));
  const order = readOrder(request.orderBy, collection);
  const whose = collection.isWide && request.principal !== undefined ? [request.principal] : [];
  const asked = [collection.parent, request.filter ?? "", order.by, order.descending, ...whose];
  const tokens = new PageTokens(asked, parts);
  const after = tokens.open(request.pageToken);
  const { content = "SHOWN" } = parts;
  const { operations, next } = await parts.store.list({ collection, filter, order, after, limit, content });
  const shown = operations.map((each) => withoutUnreadable(each, parts.domain));
  return { operations: shown, nextPageToken: tokens.seal(next), unreachable: [] };
}

/**
 * Parses the filter of a list for stored records; null for none. @throws {StatusError}
 * INVALID_ARGUMENT FILTER_INVALID
 */
export function readFilter(text: string | undefined, verbs: ListParts["verbs"]): Filter | null {
  const compiled = compileFilter(text ?? "");
  return compiled === undefined ? null : withVerbs(compiled, verbs);
}

/** The order of a list. @throws {StatusError} INVALID_ARGUMENT ORDER_BY_INVALID */
export function readOrder(text: string | undefined, collection: Collection): ListOrder {
  const order = listOrderOf(text);
  if (collection.isWide && order.by !== "createTime") throw wideOrder(order);
  return order;
}

/** The tokens of one list. */
export class PageTokens {
  readonly #list: string;
  readonly #parts: Pick<ListParts, "store" | "random">;

  /** @param asked the request without the page size, to which the tokens are bound */
  constructor(asked: readonly unknown[], parts: Pick<ListParts, "store" | "random">) {
    // A short hash, because tokens are part of URLs.
    this.#list = createHash("sha256").update(JSON.stringify(asked)).digest("base64url");
    this.#parts = parts;
  }

  /**
   * The position of a token; null for the first page. @throws {StatusError} INVALID_ARGUMENT
   * PAGE_TOKEN_INVALID
   */
  open(token: string | undefined): ListPosition | null {
    const { store } = this.#parts;
    if (token === undefined || token === "") return null;
    return openPageToken(token, this.#list, store.key, store.time()).after;
  }

  /** The token of the next page; empty after the last. */
  seal(next: ListPosition | null): string {
    const { store, random } = this.#parts;
    if (next === null) return "";
    return sealPageToken({ list: this.#list, after: next }, store.key, store.time(), random);
  }
}

/**
 * Partial success is a documented option of wide lists; a service that did not know the option
 * would answer UNIMPLEMENTED. @see AIP-217
 */
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
