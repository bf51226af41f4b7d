/** The limits of the encryption of payloads. They are a part of `LIMITS`. */
export const ENCRYPTION_LIMITS = {
  /** A key comes from a command in that time, or not at all: a start waits for it. */
  keyCommandMsMax: 10_000,
  /** What such a command may write, in bytes: a key in base64 is 45. */
  keyOutputBytesMax: 4_096,
  /** Texts that one key seals: random IVs of 96 bits do not meet so far (NIST SP 800-38D, 8.3). */
  keyUsesMax: 4_294_967_296,
  /** Uses of a key that a process takes at once, of those: so 256 processes share one before there is another. */
  keyUsesBlock: 16_777_216,
  /** Texts of one command: a process takes more uses before it has fewer left. */
  keyUsesLeast: 1_024,
  /** Keys of a tenant and day. */
  dayKeysMax: 4_096,
  /** Keys of data that a process knows; the one that was asked for longest ago is forgotten first. */
  dataKeysKnownMax: 10_000,
  /** A key is looked up again after this: so long after its tenant was shredded elsewhere, a process knows it. */
  dataKeyTrustMs: 60_000,
  /** A data key is kept for so long after its day, even if no operation in the store needs it: seven days. */
  dataKeyKeptMs: 604_800_000,
  /** How often a process looks for data keys that nothing needs any more, and how many it removes at once. */
  dataKeyPurgeMs: 3_600_000,
  dataKeyPurgeBatch: 500,
  /** Keys of data that the operators' commands go through. */
  dataKeysMax: 1_000_000,
  /** An operation whose key a process does not have is given back for so long. */
  keyMissingDelayMs: 30_000,
} as const;
