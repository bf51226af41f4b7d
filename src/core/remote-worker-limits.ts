/** The limits that a worker without the store applies itself. They are a part of `LIMITS`. */
export const REMOTE_WORKER_LIMITS = {
  /** The wait of a claim for work. Load balancers cut idle connections after about a minute. */
  claimPollMs: 30_000,
  /**
   * The longest interval at which a thread for leases looks for new ones: less than a third of a
   * first lease (`remoteFirstLeaseMs`), so that only late ones wake it.
   */
  leaseLookMsMax: 2_500,
  /**
   * The name of a claimed operation and its token together, in code units: a name with the longest
   * parent has about 1,400, and a token 30.
   */
  presentedLengthMax: 4_096,
  /** Concurrent calls of one kind about attempts. Later entries go into the next call. */
  outcomeCallsMax: 4,
  /** Characters of payloads in one call over REST: below 3 MiB of bytes for most texts. */
  outcomeTextMax: 2_097_152,
  /** The same over gRPC, where a number of two characters may become eleven bytes in a Struct. */
  outcomeTextMaxGrpc: 524_288,
  /** Idle connections that a worker keeps to its server. */
  remoteConnectionsKept: 16,
  /** The longest answer that a worker reads: servers stay far below. */
  remoteAnswerBytesMax: 67_108_864,
  /** How often changing credentials are read again, for the thread that renews leases. */
  credentialsIntervalMs: 20_000,
  /** A renewal without an answer after this part of the lease is aborted, and repeated. */
  renewalAnswerPart: 1 / 10,
  /** The bounds of this time, whatever the length of the lease. */
  renewalAnswerMsMin: 1_000,
  renewalAnswerMsMax: 5_000,
} as const;
