import type { Call } from "./authorizer.ts";

/** Limits the calls of callers. */
export interface Quotas {
  /**
   * Counts a call if it is allowed. @returns whether it is; if not, nothing is counted, and `take`
   * gives the reason
   */
  passes(call: Call): boolean;
  /**
   * Counts a call; undefined means that it is allowed.
   *
   * @returns rejects above the quota, after a pause that slows down callers who retry at once
   */
  take(call: Call): Promise<void> | undefined;
}
