import type { StatusError } from "../error/error.ts";
import type { Failure } from "../operation/operation.ts";
import type { Payload } from "../operation/payload.ts";

/**
 * The port between a worker without the store and its server: one try for each call, without
 * repetition. Implemented over REST and over gRPC. Times are milliseconds.
 *
 * If a call fails as a whole, it rejects with a {@link StatusError}. A refused entry has its error
 * in its answer, and does not affect other entries.
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
  /** Characters of payloads in one call, so that the server accepts its message. */
  readonly textMax: number;
  /** Closes idle connections. */
  close(): void;
}

/** The options of one call. */
export interface WorkerCallOptions {
  /** Aborts the call. */
  readonly signal?: AbortSignal;
  /**
   * The timeout of the answer; for a claim, in addition to its own wait. @default LIMITS.callMsMax
   */
  readonly timeoutMs?: number;
}

/** One attempt of an operation, as its worker presents it in every call. */
export interface PresentedAttempt {
  /** The name of the operation. */
  readonly name: string;
  readonly attempt: number;
  /** Proves that the worker claimed the attempt. Secret. */
  readonly token: string;
}

/** A claim. */
export interface ClaimCall {
  /** Empty for all collections. */
  readonly parent: string;
  readonly methods: readonly string[];
  readonly worker: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** The time to wait for work; 0 for none. */
  readonly waitMs: number;
  /** Identifies repeated claims. */
  readonly requestId: string;
  /** For operators; empty for none. */
  readonly workerVersion: string;
}

/** The answer to a claim. */
export interface ClaimedWork {
  readonly claims: readonly ClaimEntry[];
  /** The server's clock; null if the answer did not contain it. */
  readonly serverTime: number | null;
}

/** A claimed operation. */
export interface ClaimEntry {
  readonly attempt: PresentedAttempt;
  readonly method: string;
  /** In the form for the method's schema. */
  readonly request: string;
  /** The last report of an earlier attempt, in the form for the method's codec; null for none. */
  readonly metadata: Payload | null;
  /** From the time at which the claim was sent. */
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
  /** Empty if unknown. */
  readonly principal: string;
  /** Empty for none. */
  readonly tenant: string;
}

/** A running attempt. */
export interface RenewalEntry {
  readonly attempt: PresentedAttempt;
  /** The new progress; null for none. */
  readonly metadata: Payload | null;
}

/** The result of a renewal. */
export interface RenewalAnswer {
  readonly held: boolean;
  /** From the time at which the renewal was sent. */
  readonly leaseMs: number;
  readonly cancelRequested: boolean;
  /** The reason that the metadata was not stored, or that the attempt is not held. */
  readonly error: StatusError | undefined;
}

/** A successful attempt. */
export interface CompletionEntry {
  readonly attempt: PresentedAttempt;
  /** Null for `google.protobuf.Empty`. */
  readonly response: Payload | null;
}

/** A failed attempt. */
export interface FailureEntry {
  readonly attempt: PresentedAttempt;
  readonly error: Failure;
  /** The delay of the next attempt; null if the error ends the operation. */
  readonly retryDelayMs: number | null;
  /** For operators; null for none. */
  readonly exception: string | null;
}

/** The result of an outcome. */
export interface OutcomeAnswer {
  /**
   * The reason that nothing was stored; undefined if the outcome is stored, even by an earlier
   * call.
   */
  readonly error: StatusError | undefined;
}
