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

/** A page of what an operator sees, newest first by default. @throws {StatusError} as a callers' list */
export async function listSeen(access: Access, request: RowsRequest, parts: ListParts): Promise<RowsPage> {
  const collection = seenCollection(access, request.collection);
  if (collection !== undefined) return listRows({ ...request, collection }, parts);
  const asOf = parts.store.time();
  return { rows: [], nextPageToken: "", lookedAt: 0, lookedBackTo: null, asOf };
}

/** How many operations match of those that an operator sees. @throws {StatusError} as a callers' list */
export async function countSeen(access: Access, request: CountRequest, parts: ListParts): Promise<RowsCount> {
  const collection = seenCollection(access, request.collection);
  if (collection !== undefined) return countRows({ ...request, collection }, parts);
  const notAfter = request.notAfter ?? parts.store.time();
  return { count: 0, complete: true, lookedAt: 0, done: 0, notAfter, examples: [] };
}

/** As lists take it, to which an empty text is every collection there is. */
function seenCollection(access: Access, asked = ""): string | undefined {
  const parent = narrowed(access, asked)?.parent;
  return parent === "" ? COLLECTION_WITHOUT_PARENT : parent;
}

const COLLECTION_WITHOUT_PARENT = "operations";
