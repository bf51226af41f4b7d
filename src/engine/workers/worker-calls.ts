import type { Failure, Operation } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";

/**
 * The requests of workers without the store, as edges pass them to the engine. Times are
 * milliseconds.
 *
 * @see proto/longrunning/v1/workers.proto
 */

/** One attempt of an operation, as its worker presents it. */
export interface ClaimedAttempt {
  /** The name of the operation. */
  readonly name: string;
  readonly attempt: number;
  /** Proves that the worker claimed the attempt. */
  readonly token: string;
}

/** A claim. */
export interface ClaimRequest {
  /** The collection to claim in, with all below it; empty for all collections. */
  readonly parent: string;
  readonly methods: readonly string[];
  readonly worker: string;
  /** 0 means the default. @default 1 */
  readonly limit?: number | undefined;
  /** @default LIMITS.remoteLeaseMs */
  readonly leaseMs?: number | undefined;
  /** How long to wait if there is no work. @default 0 */
  readonly timeoutMs?: number | undefined;
  /** Identifies repeated claims; empty for none. */
  readonly requestId: string;
  /** For operators; empty for none. */
  readonly workerVersion: string;
}

/** A claimed operation. */
export interface Claim {
  readonly attempt: ClaimedAttempt;
  /** The record as claimed. */
  readonly operation: Operation;
  /** From the time at which the claim was sent. */
  readonly leaseMs: number;
}

/** The answer to a claim. */
export interface ClaimResult {
  readonly claims: readonly Claim[];
  /** The store's clock. */
  readonly time: number;
}

/** The renewals of running attempts. */
export interface RenewRequest {
  /** @default LIMITS.remoteLeaseMs */
  readonly leaseMs?: number | undefined;
  readonly renewals: readonly {
    readonly attempt: ClaimedAttempt;
    /** The report in the form of the edge; undefined for none. */
    readonly metadata: Payload | undefined;
  }[];
}

/** The result of a renewal. */
export interface RenewalAnswer {
  readonly held: boolean;
  readonly leaseMs: number;
  readonly cancelRequested: boolean;
  /** The reason that the metadata was not stored, or that the attempt is not held. */
  readonly error: Failure | undefined;
}

/** A successful attempt. */
export interface Completion {
  readonly attempt: ClaimedAttempt;
  /** Undefined for `google.protobuf.Empty`. */
  readonly response: Payload | undefined;
}

/** A failed attempt. */
export interface RemoteFailure {
  readonly attempt: ClaimedAttempt;
  readonly error: Failure;
  /** Whether it ends the operation, regardless of the attempts left. */
  readonly final: boolean;
  /** The delay of the next attempt. @default the delay of the method's retry policy */
  readonly retryDelayMs?: number | undefined;
  /** For operators; empty for none. */
  readonly exception: string;
}

/** The attempts to release. */
export interface ReleaseRequest {
  readonly attempts: readonly ClaimedAttempt[];
  /** The delay before another claim. @default 0 */
  readonly delayMs?: number | undefined;
}

/** The result of an outcome. */
export interface OutcomeAnswer {
  /**
   * The reason that nothing was stored; undefined if the outcome is stored, even by an earlier
   * call.
   */
  readonly error: Failure | undefined;
  /** The current state of the operation; empty if there is none. */
  readonly state: Operation["state"] | "";
}
