import { REMOTE_WORKER_LIMITS } from "./remote-worker-limits.ts";

/** The limits of workers that have no store, and what workers are called. They are a part of `LIMITS`. */
export const REMOTE_LIMITS = {
  ...REMOTE_WORKER_LIMITS,
  /** The id of a process that works, in characters: a host's name (DNS: 63), a process id (7 digits), and 8 digits of chance. */
  workerLengthMax: 80,
  /** Operations of one claim, and entries of one call about attempts. As in `startMany`. */
  remoteEntriesMax: 1_000,
  /** Methods of one claim. */
  remoteMethodsMax: 100,
  /** What such a worker is called, in characters. */
  remoteWorkerLengthMax: 128,
  /** The shortest and the longest lease that it may ask for. */
  remoteLeaseMsMin: 5_000,
  remoteLeaseMsMax: 600_000,
  /** The lease where it asks for none. */
  remoteLeaseMs: 30_000,
  /** The first lease of an attempt is no longer: the answer to a claim may be lost, and nobody works then. */
  remoteFirstLeaseMs: 10_000,
  /** What the bounds of the store's clock may add to the first lease of an operation that is handed over at its start. */
  remoteFirstLeaseSlackMs: 1_000,
  /** Attempts of an operation that end unconfirmed and do not count. */
  unconfirmedMax: 3,
  /** The longest wait of a claim. As that of Wait. */
  claimWaitMsMax: 60_000,
  /**
   * Claims of one process that wait for work; one more gets RESOURCE_EXHAUSTED. Each takes some kilobytes. A principal has
   * half of the places at most.
   */
  parkedClaimsMax: 10_000,
  /** Claims of one process to the store at once, for those that wait: the store carries them out together. */
  claimsUnderWayMax: 8,
  /** Operations that the store is asked for at once: each may have some MiB. A claim of more is made in parts. */
  claimPartMax: 64,
  /** Operations of one parent, and parents below one, that a claim in it looks at: some milliseconds of the store. */
  claimWithinExaminedMax: 1_000,
  /** How long a claim with a request id gives the same operations again. */
  repeatedClaimMs: 10_000,
  /** Answers to claims with a request id that are kept. */
  repeatedClaimsMax: 1_000,
  /** Characters of payloads in the answers that are kept, and in the records that are remembered of attempts. */
  rememberedTextMax: 33_554_432,
  /** Attempts whose records are remembered, so that their outcomes need not be read. */
  rememberedAttemptsMax: 10_000,
  /** Characters of payloads after which a claim asks for no further part. What does not fit into the answer is given back. */
  claimTextMax: 3_145_728,
  /** A message of a worker, and the answer to one: with a margin below what peers take over gRPC (4 MiB). */
  remoteMessageBytesMax: 3_145_728,
  /** Characters of the errors in one answer; of further ones the code and the reason are told. */
  remoteErrorsTextMax: 524_288,
  /** Entries of a call that are checked in one turn of the event loop, and characters of their payloads. */
  remoteEntriesPerTurn: 100,
  remoteTextPerTurn: 262_144,
} as const;
