/** The limits of the log and of audit records. They are a part of `LIMITS`. */
export const LOG_LIMITS = {
  /** The path of a request in the log, in characters: long enough for usual names of operations. */
  loggedPathLengthMax: 512,
  /** Bytes of log lines that wait for a slow reader. Further lines are dropped and counted. */
  logBytesMax: 1_048_576,
  /**
   * How often a failed write of the log is retried, such as on a full disk, even without new lines.
   */
  logRetryMs: 5_000,
  /**
   * Repeated messages are written immediately once, and then once per interval with their count.
   */
  logRepeatMs: 10_000,
  /** Kinds of messages whose repetitions are counted. */
  logKindsMax: 1_000,
  /**
   * The name of a resource in an audit record, in code units: longer than any existing name.
   * Callers may send longer ones.
   */
  auditedNameLengthMax: 2_048,
  /** Bytes of audit records that wait for a slow or a full disk. A record has some 700. */
  auditBytesMax: 16_777_216,
  /** How often a failed write of audit records is retried. */
  auditRetryMs: 1_000,
} as const;
