/** The limits of a worker without the store, as it keeps them itself. They are a part of `LIMITS`. */
export const REMOTE_WORKER_LIMITS = {
  /** How long a claim waits for work. Load balancers cut quiet connections after a minute or so. */
  claimPollMs: 30_000,
  /** Calls of one kind about attempts at once. What comes meanwhile goes with the next. */
  outcomeCallsMax: 4,
  /** Characters of payloads in one call over REST: below 3 MiB of bytes for most texts. */
  outcomeTextMax: 2_097_152,
  /** The same over gRPC, where a number of two characters may become eleven bytes of a Struct. */
  outcomeTextMaxGrpc: 524_288,
  /** How often credentials that change are asked for anew, for the thread that renews leases. */
  credentialsIntervalMs: 20_000,
  /** A renewal that has no answer by this part of the lease is given up, and tried again. */
  renewalAnswerPart: 1 / 10,
  /** It is given no less and no more time than this, however long the lease is. */
  renewalAnswerMsMin: 1_000,
  renewalAnswerMsMax: 5_000,
} as const;
