/** The limits of credentials. They are a part of `LIMITS`. */
export const CREDENTIAL_LIMITS = {
  /** A token, in characters: half of a request's header limit. */
  tokenLengthMax: 16_384,
  /** Cached verified tokens: verifying a signature takes some 50 µs. */
  tokensKept: 10_000,
  /** The lifetime of such a cache entry. */
  tokenKeptMs: 60_000,
  /** Groups of a caller. Identity providers replace longer lists by a link. */
  callerGroupsMax: 256,
  /** The age at which an issuer's keys are refreshed in the background. */
  issuerKeysFreshMs: 600_000,
  /** How long the old keys of an unreachable issuer are trusted. */
  issuerKeysKeptMs: 86_400_000,
  /** The timeout of a request to an issuer. */
  issuerAnswerMs: 5_000,
  /** An unknown key causes a refresh of the issuer's keys at most this often. */
  issuerCooldownMs: 30_000,
  /** The pause after a failed request to an issuer; callers get an error immediately. */
  issuerRetryMs: 5_000,
  /** The document with the keys of an issuer, in bytes: some hundred keys. */
  issuerKeysBytesMax: 262_144,
  /** API keys in a store. */
  apiKeysMax: 10_000,
  /** Cached API keys, including unknown ones. */
  apiKeysKept: 10_000,
  /**
   * How often the API keys in use are checked in the store: a revoked key stays valid for at most
   * two intervals.
   */
  apiKeyCheckMs: 1_000,
  /** API keys in one read of the store. */
  apiKeysPerRead: 1_000,
  /** API keys that wait for the store. */
  apiKeysWaitingMax: 10_000,
  /** How often the last use of a key is stored. */
  apiKeyUsedMs: 3_600_000,
  /** Such writes after each check; the others follow later. */
  apiKeysToldPerCheck: 20,
  /** Cached client certificates from proxies. */
  certificatesKept: 1_000,
} as const;
