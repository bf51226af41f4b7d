import type { Operation } from "../operation/operation.ts";
import type { Along } from "./store.ts";

/**
 * Decides which deliveries of events are stored with a change of an operation. Implemented by
 * webhooks.
 */
export interface DeliverySource {
  /**
   * New operations for the commit of a change; undefined for none.
   *
   * @param before the record before the change
   * @param next the record after the change; null for a removal
   */
  along(before: Operation, next: Operation | null): Along | undefined;
  /**
   * The violated rule of a start's callback URL; undefined if it is valid.
   *
   * @param parent the parent of the new operation
   */
  callbackViolation(url: string, parent: string): string | undefined;
  /** Whether removals have deliveries; if so, a record is read before its removal. */
  readonly wantsRemovals: boolean;
}
