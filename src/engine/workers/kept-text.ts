import type { Operation } from "../../core/operation/operation.ts";

/**
 * The number of characters in a claimed operation's payloads, which stay in memory with its record.
 */
export function keptTextOf({ request, metadata }: Operation): number {
  return request.length + (metadata?.json.length ?? 0);
}
