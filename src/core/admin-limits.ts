/** The limits of what operators see and do. They are a part of `LIMITS`. */
export const ADMIN_LIMITS = {
  /** Reads of operators that one process does at once: pages that many people keep open must not cost callers their store. */
  adminReadsMax: 4,
  /** How old a list or a count may be that operators are given: whoever asks the same within it shares one read. */
  adminListFreshMs: 1_000,
  /** Lists, and counts, that are remembered so. */
  adminListsMax: 16,
  /** What is told of why a bulk was refused something, in characters. */
  adminMessageLengthMax: 200,
  /** Payloads of more bytes come to operators only where they are asked for. */
  adminPayloadBytesMax: 262_144,
  /** Operations that a bulk looks up at once, does at once, and how long it rests after each handful: 1,000 in a second at the most. */
  bulkStepMax: 1_000,
  bulkAtOnce: 50,
  bulkPauseMs: 50,
  /** Refusals that a bulk names. */
  bulkRefusedMax: 100,
  /** Groups of failures that operators are shown at once: all of them, and beside other things. */
  adminFailuresMax: 200,
  adminFailuresShown: 10,
  /** Processes that operators are shown at once. */
  adminWorkersMax: 200,
  /** Processes that vanished, beside those. */
  adminVanishedMax: 20,
  /** Keys of a method that operators are shown. */
  adminKeysMax: 20,
  /** Operations that a count names. */
  countExamplesMax: 5,
} as const;
