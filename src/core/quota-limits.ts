/** The limits of tenants and their quotas. They are a part of `LIMITS`. */
export const QUOTA_LIMITS = {
  /** Buckets of calls that a process keeps, some 200 bytes each. The one that was asked for longest ago is forgotten first. */
  quotaBucketsMax: 100_000,
  /** How long the answer to a call too many waits at most, so that who does not wait by itself is answered seldom. */
  quotaPauseMs: 1_000,
  /** Such answers that wait at once; more are given at once. */
  quotaPausesMax: 10_000,
  /** Unfinished operations that a tenant may be allowed: so many entries of an index are counted now and then. */
  unfinishedMax: 100_000,
  /** What a tenant has is counted anew after so long. */
  quotaCountMs: 10_000,
  /** The same where it has used up its quota, as far as is known: it may have less by now. */
  quotaCountMsMin: 1_000,
  /** Collections of a tenant in an embedded store in which is counted what is unfinished. */
  countedParentsMax: 1_000,
  /** Tenants of a method and priority that one claim gives turns. */
  turnsMax: 32,
} as const;
