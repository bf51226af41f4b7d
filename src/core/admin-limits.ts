/** The limits of what operators see and do. They are a part of `LIMITS`. */
export const ADMIN_LIMITS = {
  /**
   * Concurrent reads of operators in one process, so that many open pages do not take the store
   * from callers.
   */
  adminReadsMax: 4,
  /** The maximum age of a list or count for operators: equal requests within it share one read. */
  adminListFreshMs: 1_000,
  /** Cached lists, and cached counts. */
  adminListsMax: 16,
  /** The reason of a bulk's refusal, in characters. */
  adminMessageLengthMax: 200,
  /** Larger payloads are sent to operators only on request. */
  adminPayloadBytesMax: 262_144,
  /**
   * The operations that a bulk reads at once, changes at once, and the pause after each group: at
   * most 1,000 per second.
   */
  bulkStepMax: 1_000,
  bulkAtOnce: 50,
  bulkPauseMs: 50,
  /** Refusals that a bulk reports. */
  bulkRefusedMax: 100,
  /** Groups of failures for operators: in the full list, and next to other data. */
  adminFailuresMax: 200,
  adminFailuresShown: 10,
  /** Live processes shown to operators. */
  adminWorkersMax: 200,
  /** Vanished processes shown with them. */
  adminVanishedMax: 20,
  /** Keys of a method shown to operators. */
  adminKeysMax: 20,
  /** Example operations of a count. */
  countExamplesMax: 5,
} as const;
