import type { Operation } from "../operation/operation.ts";
import type { Payload } from "../operation/payload.ts";
import type { Lease, LeaseKeeper } from "./lease-keeper.ts";
import type { Change, ClaimAnswer, ClaimCommand, RenewAnswer } from "./store.ts";
import type { AttemptFailure } from "../operation/transition.ts";

/**
 * The port between the engine and workers. The engine implements it; a worker uses it. Every call
 * contains the attempt. For any other attempt than the current one the answer is `lost`, which is
 * not an error.
 *
 * `complete`, `fail` and `release` take the attempt's copy of the record and also write its
 * `metadata`, so that the last report needs no separate commit. After a conflict this metadata
 * still wins, because the holder of the attempt is the authority on it.
 */
export interface WorkerPort {
  /** Takes operations to run. */
  claim(request: Omit<ClaimCommand, "verb"> & ClaimPatience): Promise<ClaimAnswer>;
  /**
   * The length of the first lease of a claimed operation, from the start of the claim, in
   * milliseconds.
   *
   * @default the requested length
   */
  firstLeaseMs?(operation: Operation): number;
  /** Extends the lease by `leaseMs`, and writes the newest progress, if any. */
  report(
    lease: Lease & Partial<Pick<Operation, "parent">>,
    leaseMs: number,
    metadata: Payload | null,
  ): Promise<RenewAnswer>;
  /**
   * As `report`, for a lease that others renew from now on: it outlives this process. Absent if all
   * leases do so.
   */
  handOver?: WorkerPort["report"];
  /** Ends the operation with a response. */
  complete(operation: Operation, response: Payload): Promise<AttemptAnswer>;
  /** Ends the attempt with a failure; the operation ends, or another attempt follows. */
  fail(operation: Operation, failure: AttemptFailure): Promise<AttemptAnswer>;
  /**
   * Releases the attempt for another worker, without counting it as failed.
   *
   * @param delayMs the time before another claim. @default 0
   */
  release(operation: Operation, delayMs?: number): Promise<AttemptAnswer>;
  /** Renews leases. */
  readonly keeper: LeaseKeeper;
  /**
   * Hints that an operation may be claimable, or that a running one was asked to cancel or was
   * removed.
   */
  watch(listener: (changes: readonly Change[]) => void): () => void;
  /** Passes on a hint about work of the method, because this worker has no free slot. */
  handOn(method: string): void;
  /**
   * The interval for polling without a hint, in milliseconds; null if the store announces all work.
   */
  readonly pollMs: number | null;
  /** The store's clock. */
  time(): number;
}

/** The waiting of a claim over a network. Other implementations ignore it and answer at once. */
export interface ClaimPatience {
  /** How long to wait for work. @default 0 */
  readonly waitMs?: number;
  /** Identifies repeated claims. */
  readonly requestId?: string;
  /**
   * Whether this is a retry of an unanswered claim, whose operations may have been claimed long
   * ago. @default false
   */
  readonly isRepeated?: boolean;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** The facts about a running handler, for messages. */
export interface AttemptFacts {
  /** The name of the operation. */
  readonly operation: string;
  readonly method: string;
  readonly attempt: number;
}

/** The operation after the call, or `lost` if the attempt was not the current one. */
export type AttemptAnswer = { readonly operation: Operation } | "lost";

/**
 * Lets a start hand its operation to a worker of the same process. The operation is then stored as
 * already claimed, which saves a write and a wake-up.
 */
export interface Claimant {
  /** Reserves a slot for an operation of the method and parent; undefined if none is free. */
  reserve(method: string, parent: string): Reservation | undefined;
}

/** A reserved slot. Exactly one of `run` and `cancel` is called. */
export interface Reservation {
  readonly worker: string;
  readonly leaseMs: number;
  /** Runs the operation that was stored as claimed. `calledAt`: the monotonic instant before the store was asked. */
  run(operation: Operation, calledAt: number): void;
  /** Frees the slot. */
  cancel(): void;
}
