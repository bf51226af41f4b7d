import type { Lease } from "../../core/ports/lease-keeper.ts";
import type { PresentedAttempt } from "../../core/ports/worker-calls.ts";

/** A lease that is renewed over a network. */
export interface RemoteLease extends Lease, PresentedAttempt {
  /**
   * The remaining time of the claim's lease, in milliseconds: the first renewal comes after a third
   * of it.
   */
  readonly leftMs: number;
}
