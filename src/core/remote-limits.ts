import { REMOTE_WORKER_LIMITS } from "./remote-worker-limits.ts";

/**
 * The limits of workers without the store, and of the names of workers. They are a part of
 * `LIMITS`.
 */
export const REMOTE_LIMITS = {
  ...REMOTE_WORKER_LIMITS,
  /**
   * A worker's id, in characters: a host name (DNS: 63), a process id (7 digits), and 8 random
   * digits.
   */
  workerLengthMax: 80,
  /** Operations of one claim, and attempts in one call. As in `startMany`. */
  remoteEntriesMax: 1_000,
  /** Methods of one claim. */
  remoteMethodsMax: 100,
  /** The name of such a worker, and its version, in characters each. */
  remoteWorkerLengthMax: 128,
  /** The bounds of the leases that it may request. */
  remoteLeaseMsMin: 5_000,
  remoteLeaseMsMax: 600_000,
  /** The default lease. */
  remoteLeaseMs: 30_000,
  /**
   * The longest first lease of an attempt, because nobody works on it if the answer to the claim is
   * lost.
   */
  remoteFirstLeaseMs: 10_000,
  /**
   * The addition to the first lease of an operation that its start hands over, for the bounds of
   * the store's clock.
   */
  remoteFirstLeaseSlackMs: 1_000,
  /** Unconfirmed attempts of an operation that do not count. */
  unconfirmedMax: 3,
  /** The longest wait of a claim. The same as for Wait. */
  claimWaitMsMax: 60_000,
  /**
   * Claims that wait for work in one process; one more gets RESOURCE_EXHAUSTED. Each takes some
   * kilobytes. A principal has at most half of the places.
   */
  parkedClaimsMax: 10_000,
  /** Concurrent claims of one process to the store for waiting claims; the store combines them. */
  claimsUnderWayMax: 8,
  /**
   * Operations in one claim to the store, because each may have some MiB. Larger claims are split.
   */
  claimPartMax: 64,
  /**
   * Operations of one parent, and parents below one, that a claim with a parent reads: some
   * milliseconds of the store.
   */
  claimWithinExaminedMax: 1_000,
  /** How long a claim with the same request id returns the same operations. */
  repeatedClaimMs: 10_000,
  /** Cached answers to claims with a request id. */
  repeatedClaimsMax: 1_000,
  /** Characters of payloads in these cached answers, and in the cached records of attempts. */
  rememberedTextMax: 33_554_432,
  /** Attempts whose records are cached, so that their outcomes need no read. */
  rememberedAttemptsMax: 10_000,
  /**
   * After this many characters of payloads, a claim takes no further part. Operations that do not
   * fit into the answer are released.
   */
  claimTextMax: 3_145_728,
  /** A worker's message, and its answer: with a margin below the limit of gRPC peers (4 MiB). */
  remoteMessageBytesMax: 3_145_728,
  /** Characters of errors in one answer; further errors have only the code and the reason. */
  remoteErrorsTextMax: 524_288,
  /**
   * Entries of a call that are checked in one turn of the event loop, and the characters of their
   * payloads.
   */
  remoteEntriesPerTurn: 100,
  remoteTextPerTurn: 262_144,
} as const;
