/** The limits of credentials. They are a part of `LIMITS`. */
export const CREDENTIAL_LIMITS = {
  /** A token, in characters: half of what the headers of a request may have. */
  tokenLengthMax: 16_384,
  /** Tokens that were verified and are remembered: a signature takes some 50 µs. */
  tokensKept: 10_000,
  /** For no longer than this. */
  tokenKeptMs: 60_000,
  /** Groups of a caller. Providers of identities put a link in the place of more. */
  callerGroupsMax: 256,
  /** The keys of an issuer are read again in the background when they are this old. */
  issuerKeysFreshMs: 600_000,
  /** An issuer that cannot be reached is trusted by the keys that it had for so long. */
  issuerKeysKeptMs: 86_400_000,
  /** An issuer has to answer by then. */
  issuerAnswerMs: 5_000,
  /** An unknown key has the issuer's keys read again at most this often. */
  issuerCooldownMs: 30_000,
  /** After a failure the issuer is left alone for so long: callers are told at once. */
  issuerRetryMs: 5_000,
  /** The document with the keys of an issuer, in bytes: some hundred keys. */
  issuerKeysBytesMax: 262_144,
  /** API keys in a store. */
  apiKeysMax: 10_000,
  /** API keys that a process knows, those that are none among them. */
  apiKeysKept: 10_000,
  /** How often the store is asked for the API keys that are in use: a revoked one is good for two such intervals at most. */
  apiKeyCheckMs: 1_000,
  /** API keys in one read of the store. */
  apiKeysPerRead: 1_000,
  /** API keys that wait for the store. */
  apiKeysWaitingMax: 10_000,
  /** How often it is stored that a key was used. */
  apiKeyUsedMs: 3_600_000,
  /** Such writes after each look at the store; the others come later. */
  apiKeysToldPerCheck: 20,
  /** Client certificates that proxies passed on and that are remembered. */
  certificatesKept: 1_000,
} as const;
