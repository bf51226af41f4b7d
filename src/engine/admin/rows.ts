import type { ListParts } from "../listing/list.ts";
import {
  type CountRequest,
  countRows,
  listRows,
  type RowsCount,
  type RowsPage,
  type RowsRequest,
} from "../listing/rows.ts";
import { type Access, narrowed } from "./access.ts";

/**
 * A page of the operations that an operator sees, newest first by default. @throws {StatusError} as
 * a callers' list
 */
export async function listSeen(access: Access, request: RowsRequest, parts: ListParts): Promise<RowsPage> {
  const collection = seenCollection(access, request.collection);
  if (collection !== undefined) return listRows({ ...request, collection }, parts);
  const asOf = parts.store.time();
  return { rows: [], nextPageToken: "", lookedAt: 0, lookedBackTo: null, asOf };
}

/**
 * Counts the matching operations that an operator sees. @throws {StatusError} as a callers' list
 */
export async function countSeen(access: Access, request: CountRequest, parts: ListParts): Promise<RowsCount> {
  const collection = seenCollection(access, request.collection);
  if (collection !== undefined) return countRows({ ...request, collection }, parts);
  const notAfter = request.notAfter ?? parts.store.time();
  return { count: 0, complete: true, lookedAt: 0, done: 0, notAfter, examples: [] };
}

/** The parent for a list, where an empty text means all collections. */
function seenCollection(access: Access, asked = ""): string | undefined {
  const parent = narrowed(access, asked)?.parent;
  return parent === "" ? COLLECTION_WITHOUT_PARENT : parent;
}

const COLLECTION_WITHOUT_PARENT = "operations";
