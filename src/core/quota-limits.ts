/** The limits of tenants and their quotas. They are a part of `LIMITS`. */
export const QUOTA_LIMITS = {
  /**
   * Buckets of calls in a process, some 200 bytes each. The least recently used is dropped first.
   */
  quotaBucketsMax: 100_000,
  /**
   * The longest pause before a refusal above the quota, which slows down callers who do not wait by
   * themselves.
   */
  quotaPauseMs: 1_000,
  /** Concurrent paused refusals; further ones are sent immediately. */
  quotaPausesMax: 10_000,
  /**
   * The largest quota of a tenant's unfinished operations: so many index entries are counted now
   * and then.
   */
  unfinishedMax: 100_000,
  /** The interval between counts of a tenant's unfinished operations. */
  quotaCountMs: 10_000,
  /**
   * The interval for a tenant that has used up its quota, which may have fewer operations by now.
   */
  quotaCountMsMin: 1_000,
  /** Collections of a tenant that are counted in an embedded store. */
  countedParentsMax: 1_000,
  /** Tenants of a method and priority that take turns in one claim. */
  turnsMax: 32,
} as const;
