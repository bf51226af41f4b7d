import type { Operation } from "../operation/operation.ts";
import type { Along } from "./store.ts";

/** Says which deliveries of events are stored along with a change of an operation. Implemented by webhooks. */
export interface DeliverySource {
  /**
   * New operations for the commit of a change; undefined for none.
   *
   * @param before the record that the change was decided on
   * @param next the record as it is to be; null where it is to be removed
   */
  along(before: Operation, next: Operation | null): Along | undefined;
  /** Whether anybody is to be told of removals: a record is read before it is removed then. */
  readonly wantsRemovals: boolean;
}
