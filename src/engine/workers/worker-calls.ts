import type { Failure, Operation } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";

/**
 * What workers without the store ask for, as each edge hands it to the engine. Times are milliseconds.
 *
 * @see proto/longrunning/v1/workers.proto
 */

/** One run of the work of an operation, as its worker presents it. */
export interface ClaimedAttempt {
  /** The name of the operation. */
  readonly name: string;
  readonly attempt: number;
  /** Proves that the worker claimed the attempt. */
  readonly token: string;
}

/** A claim. */
export interface ClaimRequest {
  /** The collection to claim in, with all below it; empty for every collection. */
  readonly parent: string;
  readonly methods: readonly string[];
  readonly worker: string;
  /** 0 as where it is left out. @default 1 */
  readonly limit?: number | undefined;
  /** @default LIMITS.remoteLeaseMs */
  readonly leaseMs?: number | undefined;
  /** How long to wait where there is no work. @default 0 */
  readonly timeoutMs?: number | undefined;
  /** Makes a repeated claim the same claim; empty for none. */
  readonly requestId: string;
}

/** An operation to work on. */
export interface Claim {
  readonly attempt: ClaimedAttempt;
  /** As claimed. */
  readonly operation: Operation;
  /** From when the claim was sent. */
  readonly leaseMs: number;
}

/** The answer to a claim. */
export interface ClaimResult {
  readonly claims: readonly Claim[];
  /** The store's clock. */
  readonly time: number;
}

/** Attempts that go on. */
export interface RenewRequest {
  /** @default LIMITS.remoteLeaseMs */
  readonly leaseMs?: number | undefined;
  readonly renewals: readonly {
    readonly attempt: ClaimedAttempt;
    /** What it reports, as the edge read it; undefined for nothing new. */
    readonly metadata: Payload | undefined;
  }[];
}

/** What became of a renewal. */
export interface RenewalAnswer {
  readonly held: boolean;
  readonly leaseMs: number;
  readonly cancelRequested: boolean;
  /** Why the metadata was not stored, or the attempt is not held. */
  readonly error: Failure | undefined;
}

/** An attempt that succeeded. */
export interface Completion {
  readonly attempt: ClaimedAttempt;
  /** Undefined for `google.protobuf.Empty`. */
  readonly response: Payload | undefined;
}

/** An attempt that failed. */
export interface RemoteFailure {
  readonly attempt: ClaimedAttempt;
  readonly error: Failure;
  /** Whether it ends the operation, however many attempts are left. */
  readonly final: boolean;
  /** When the next attempt may begin. @default the delay of the method's retry policy */
  readonly retryDelayMs?: number | undefined;
  /** For operators; empty for none. */
  readonly exception: string;
}

/** Attempts that are given back. */
export interface ReleaseRequest {
  readonly attempts: readonly ClaimedAttempt[];
  /** How long nobody is to take them. @default 0 */
  readonly delayMs?: number | undefined;
}

/** What became of an outcome. */
export interface OutcomeAnswer {
  /** Why nothing was stored; undefined where the outcome stands, also from an earlier call. */
  readonly error: Failure | undefined;
  /** The state of the operation by now; empty where there is none. */
  readonly state: Operation["state"] | "";
}
