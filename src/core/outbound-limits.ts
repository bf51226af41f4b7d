import { PROXY_LIMITS } from "./proxy-limits.ts";

/** The limits of requests to others' servers. They are a part of `LIMITS`. */
export const OUTBOUND_LIMITS = {
  /** How long a server has to be connected to. */
  outboundConnectMsMax: 5_000,
  /** For how long a body that nobody wants is read, while nobody else has its connection, and how much of it, in bytes. */
  outboundDiscardMsMax: 1_000,
  outboundDiscardBytesMax: 4_096,
  /** An address, in characters. */
  httpTargetUrlLengthMax: 2_048,
  /** How long a target has for its whole answer, and the most that a method may give it: a day. */
  httpTargetMs: 600_000,
  httpTargetMsMax: 86_400_000,
  /** Headers of a method for its target, and the characters of all of them: servers take 8 KiB of headers. */
  httpTargetHeadersMax: 50,
  httpTargetHeadersLengthMax: 4_096,
  /** Secrets that sign at once: a new one, the one before, and some for those who are slow to change. */
  httpTargetSecretsMax: 5,
  /** What is read of the body of an answer that is an error, in bytes: as much as the details of an error may have. */
  httpTargetErrorBytesMax: 65_536,
  /** What operators are shown of such a body, in characters. */
  httpTargetErrorShownMax: 1_000,
  /** How long a target may put the next attempt off: an hour. */
  httpTargetRetryMsMax: 3_600_000,
  /** How long a target that goes on by itself may have an attempt before it renews: five seconds to an hour. */
  httpTargetLeaseMsMin: 5_000,
  httpTargetLeaseMsMax: 3_600_000,
  /** How long the address for cancellations has to answer: shorter than handlers have to end when the worker stops. */
  httpTargetCancelMsMax: 1_500,
  /** How long an identity token may take to get, and how long it may be, in characters: servers take 8 KiB of headers. */
  identityTokenMsMax: 10_000,
  identityTokenLengthMax: 8_192,
  /** A token is got anew so long before it expires. */
  identityTokenMarginMs: 300_000,
  ...PROXY_LIMITS,
} as const;
