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
  /**
   * The rule that the callback URL of a start breaks; undefined where it breaks none.
   *
   * @param parent of the operation that is to be started
   */
  callbackViolation(url: string, parent: string): string | undefined;
  /** Whether anybody is to be told of removals: a record is read before it is removed then. */
  readonly wantsRemovals: boolean;
}
