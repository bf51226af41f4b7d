import type { Operation } from "../operation/operation.ts";
import type { Payload } from "../operation/payload.ts";
import type { Lease, LeaseKeeper } from "./lease-keeper.ts";
import type { Change, ClaimAnswer, ClaimCommand, RenewAnswer } from "./store.ts";
import type { AttemptFailure } from "../operation/transition.ts";

/**
 * The port between the engine and what runs handlers. The engine serves it; a worker uses it. Every call presents the
 * attempt, and is refused with `lost` for any but the current one: losing is an answer, not an error.
 *
 * `complete`, `fail` and `release` take the record as the attempt knows it and write its `metadata` along, so that the last
 * report costs no commit of its own; it holds through a conflict, since the holder of the attempt is the authority on it.
 */
export interface WorkerPort {
  /** Takes operations to run. */
  claim(request: Omit<ClaimCommand, "verb"> & ClaimPatience): Promise<ClaimAnswer>;
  /**
   * How long the first lease of a claimed operation is, from the start of the claim on, in milliseconds.
   *
   * @default as long as was asked for
   */
  firstLeaseMs?(operation: Operation): number;
  /** Extends the lease by `leaseMs`, and writes the newest progress where there is some. */
  report(
    lease: Lease & Partial<Pick<Operation, "parent">>,
    leaseMs: number,
    metadata: Payload | null,
  ): Promise<RenewAnswer>;
  /** Ends the operation with a response. */
  complete(operation: Operation, response: Payload): Promise<AttemptAnswer>;
  /** Ends the attempt with a failure; the operation ends, or another attempt follows. */
  fail(operation: Operation, failure: AttemptFailure): Promise<AttemptAnswer>;
  /**
   * Gives the attempt back without counting it, for another worker to take.
   *
   * @param delayMs how long nobody is to take it. @default 0
   */
  release(operation: Operation, delayMs?: number): Promise<AttemptAnswer>;
  /** Keeps leases alive. */
  readonly keeper: LeaseKeeper;
  /** Hints that something may be claimable, or that a running operation was asked to cancel or was removed. */
  watch(listener: (changes: readonly Change[]) => void): () => void;
  /** Tells that there was a hint of work of the method, and no room for it: another worker may have. */
  handOn(method: string): void;
  /** How often to look for work without a hint, in milliseconds; null where the store tells of all there is. */
  readonly pollMs: number | null;
  /** The store's clock. */
  time(): number;
}

/** How a claim waits where work comes over a network. Others answer at once, and know nothing of it. */
export interface ClaimPatience {
  /** How long to wait for work. @default 0 */
  readonly waitMs?: number;
  /** Makes a repeated claim the same claim. */
  readonly requestId?: string;
  /** Whether the claim was sent before and not answered: what it gives may have been given long ago. @default false */
  readonly isRepeated?: boolean;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Which handler runs, for messages. */
export interface AttemptFacts {
  /** The name of the operation. */
  readonly operation: string;
  readonly method: string;
  readonly attempt: number;
}

/** The operation after the call, or that the attempt was not the current one. */
export type AttemptAnswer = { readonly operation: Operation } | "lost";

/**
 * What lets a start hand its operation to a worker in the same process: the operation is then stored already claimed,
 * which saves a write and a wake-up.
 */
export interface Claimant {
  /** Sets a slot aside for an operation of the method and parent, or answers undefined when none is free. */
  reserve(method: string, parent: string): Reservation | undefined;
}

/** A slot set aside. Exactly one of the two is called. */
export interface Reservation {
  readonly worker: string;
  readonly leaseMs: number;
  /** Runs the operation that was stored as claimed. `calledAt`: the monotonic instant before the store was asked. */
  run(operation: Operation, calledAt: number): void;
  /** Gives the slot back. */
  cancel(): void;
}
