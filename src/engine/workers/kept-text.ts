import type { Operation } from "../../core/operation/operation.ts";

/** Characters of the payloads that a claim brings, and that stay in memory with its record. */
export function keptTextOf({ request, metadata }: Operation): number {
  return request.length + (metadata?.json.length ?? 0);
}
