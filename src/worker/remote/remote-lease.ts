import type { Lease } from "../../core/ports/lease-keeper.ts";
import type { PresentedAttempt } from "../../core/ports/worker-calls.ts";

/** A lease as it is renewed over a network. */
export interface RemoteLease extends Lease, PresentedAttempt {
  /** How much of the lease that the claim gave is left, in milliseconds: the first renewal comes after a third of it. */
  readonly leftMs: number;
}
