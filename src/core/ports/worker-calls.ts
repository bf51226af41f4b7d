import type { StatusError } from "../error/error.ts";
import type { Failure } from "../operation/operation.ts";
import type { Payload } from "../operation/payload.ts";

/**
 * The port between a worker without the store and the server that it works for: one attempt at one call each, no repetition.
 * Implemented over REST and over gRPC. Times are milliseconds.
 *
 * A call that fails as a whole rejects with a {@link StatusError}. An entry that is refused has its error in its answer, and
 * does not disturb the others.
 *
 * @see proto/longrunning/v1/workers.proto
 */
export interface WorkerCalls {
  claim(call: ClaimCall, options: WorkerCallOptions): Promise<ClaimedWork>;
  renew(
    leaseMs: number,
    renewals: readonly RenewalEntry[],
    options?: WorkerCallOptions,
  ): Promise<readonly RenewalAnswer[]>;
  complete(completions: readonly CompletionEntry[]): Promise<readonly OutcomeAnswer[]>;
  fail(failures: readonly FailureEntry[]): Promise<readonly OutcomeAnswer[]>;
  release(attempts: readonly PresentedAttempt[], delayMs: number): Promise<readonly OutcomeAnswer[]>;
  /** Characters of payloads that one call may carry, so that its message is no larger than the server takes. */
  readonly textMax: number;
  /** Lets connections go. */
  close(): void;
}

/** How one call is made. */
export interface WorkerCallOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal;
  /** How long the answer may take; of a claim, beside its own wait. @default LIMITS.callMsMax */
  readonly timeoutMs?: number;
}

/** One run of the work of an operation, as its worker presents it in every call. */
export interface PresentedAttempt {
  /** The name of the operation. */
  readonly name: string;
  readonly attempt: number;
  /** Proves that the worker claimed the attempt. Secret. */
  readonly token: string;
}

/** A claim. */
export interface ClaimCall {
  /** Empty for every collection. */
  readonly parent: string;
  readonly methods: readonly string[];
  readonly worker: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** How long to wait for work; 0 for not at all. */
  readonly waitMs: number;
  /** Makes a repeated claim the same claim. */
  readonly requestId: string;
}

/** The answer to a claim. */
export interface ClaimedWork {
  readonly claims: readonly ClaimEntry[];
  /** The server's clock; null where it did not tell. */
  readonly serverTime: number | null;
}

/** An operation to work on. */
export interface ClaimEntry {
  readonly attempt: PresentedAttempt;
  readonly method: string;
  /** As the method's schema reads it. */
  readonly request: string;
  /** What an earlier attempt reported last, as the method's codec reads it; null for nothing. */
  readonly metadata: Payload | null;
  /** From the moment at which the claim was sent. */
  readonly leaseMs: number;
  /** On the server's clock; null for never. */
  readonly deadlineTime: number | null;
  readonly failedAttempts: number;
  readonly attemptsMax: number;
  readonly cancelRequested: boolean;
  readonly target: string;
  readonly priority: number;
  readonly traceparent: string;
  readonly tracestate: string;
  /** Empty where it is not known. */
  readonly principal: string;
  /** Empty for none. */
  readonly tenant: string;
}

/** An attempt that goes on. */
export interface RenewalEntry {
  readonly attempt: PresentedAttempt;
  /** How far it is; null for nothing new. */
  readonly metadata: Payload | null;
}

/** What became of a renewal. */
export interface RenewalAnswer {
  readonly held: boolean;
  /** From the moment at which the renewal was sent. */
  readonly leaseMs: number;
  readonly cancelRequested: boolean;
  /** Why the metadata was not stored, or the attempt is not held. */
  readonly error: StatusError | undefined;
}

/** An attempt that succeeded. */
export interface CompletionEntry {
  readonly attempt: PresentedAttempt;
  /** Null for `google.protobuf.Empty`. */
  readonly response: Payload | null;
}

/** An attempt that failed. */
export interface FailureEntry {
  readonly attempt: PresentedAttempt;
  readonly error: Failure;
  /** When the next attempt may begin; null where the error ends the operation. */
  readonly retryDelayMs: number | null;
  /** For operators; null for none. */
  readonly exception: string | null;
}

/** What became of an outcome. */
export interface OutcomeAnswer {
  /** Why nothing was stored; undefined where the outcome stands, also from an earlier call. */
  readonly error: StatusError | undefined;
}
