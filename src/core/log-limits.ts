/** The limits of what is written down: the log, and the records of audit. They are a part of `LIMITS`. */
export const LOG_LIMITS = {
  /** The path of a request in the log, in characters: an operation's name with its collection, as long as people give them. */
  loggedPathLengthMax: 512,
  /** Bytes of the log that wait for a slow reader. What comes on top of them is dropped and counted. */
  logBytesMax: 1_048_576,
  /** A log that cannot be written, as on a full disk, is tried again this often even if there is nothing new to say. */
  logRetryMs: 5_000,
  /** Messages of the log that repeat: the first is written at once, then one for each such interval, with their count. */
  logRepeatMs: 10_000,
  /** Kinds of messages whose repetitions are counted at a time. */
  logKindsMax: 1_000,
  /** The name of a resource in an audit record, in code units: more than any that there is. What callers send may be longer. */
  auditedNameLengthMax: 2_048,
  /** Bytes of audit records that wait for a slow or a full disk. A record has some 700. */
  auditBytesMax: 16_777_216,
  /** How often writing them is tried again. */
  auditRetryMs: 1_000,
} as const;
