/** The limits of the encryption of payloads. They are a part of `LIMITS`. */
export const ENCRYPTION_LIMITS = {
  /** The timeout of a key command, because a start waits for it. */
  keyCommandMsMax: 10_000,
  /** The output of a key command or the content of a key file, in bytes: a key in base64 has 45. */
  keyOutputBytesMax: 4_096,
  /**
   * Texts sealed with one key: so many random IVs of 96 bits do not collide (NIST SP 800-38D, 8.3).
   */
  keyUsesMax: 4_294_967_296,
  /** Key uses that a process reserves at once: 256 processes share one key before the next. */
  keyUsesBlock: 16_777_216,
  /**
   * A process reserves more uses before fewer than this are left, which is enough for the texts of
   * one command.
   */
  keyUsesLeast: 1_024,
  /** Keys of one tenant and day. */
  dayKeysMax: 4_096,
  /** Cached data keys; the least recently used is dropped first. */
  dataKeysKnownMax: 10_000,
  /**
   * How long a cached key is trusted, so how late a process notices that a tenant was shredded
   * elsewhere.
   */
  dataKeyTrustMs: 60_000,
  /** How long an unused data key is kept after its day: seven days. */
  dataKeyKeptMs: 604_800_000,
  /** The interval between searches for unused data keys, and the number removed at once. */
  dataKeyPurgeMs: 3_600_000,
  dataKeyPurgeBatch: 500,
  /** Data keys that the operators' commands process. */
  dataKeysMax: 1_000_000,
  /** The delay after which an operation with a missing key may be claimed again. */
  keyMissingDelayMs: 30_000,
} as const;
