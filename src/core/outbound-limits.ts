import { PROXY_LIMITS } from "./proxy-limits.ts";

/** The limits of requests to other servers. They are a part of `LIMITS`. */
export const OUTBOUND_LIMITS = {
  /** The timeout of a connection to a server. */
  outboundConnectMsMax: 5_000,
  /**
   * How long, and how many bytes of, an unneeded body are read while its connection stays reserved.
   */
  outboundDiscardMsMax: 1_000,
  outboundDiscardBytesMax: 4_096,
  /** A URL, in characters. */
  httpTargetUrlLengthMax: 2_048,
  /** The default time for a target's whole answer, and the most that a method may allow: a day. */
  httpTargetMs: 600_000,
  httpTargetMsMax: 86_400_000,
  /**
   * A method's headers for its target, and all their characters: servers accept 8 KiB of headers.
   */
  httpTargetHeadersMax: 50,
  httpTargetHeadersLengthMax: 4_096,
  /** Secrets that sign at once: a new one, the previous one, and some for slow changes. */
  httpTargetSecretsMax: 5,
  /**
   * The part of an error's body that is read, in bytes: the same as the details of an error may
   * have.
   */
  httpTargetErrorBytesMax: 65_536,
  /** The part of such a body that operators see, in characters. */
  httpTargetErrorShownMax: 1_000,
  /** The longest delay of the next attempt that a target may request: an hour. */
  httpTargetRetryMsMax: 3_600_000,
  /** The first lease of a target that continues by itself: five seconds to an hour. */
  httpTargetLeaseMsMin: 5_000,
  httpTargetLeaseMsMax: 3_600_000,
  /**
   * The timeout of the URL for cancellations: shorter than the time for handlers to end when the
   * worker stops.
   */
  httpTargetCancelMsMax: 1_500,
  /**
   * The timeout for an identity token, and its length in characters: servers accept 8 KiB of
   * headers.
   */
  identityTokenMsMax: 10_000,
  identityTokenLengthMax: 8_192,
  /** A token is replaced this long before it expires. */
  identityTokenMarginMs: 300_000,
  ...PROXY_LIMITS,
} as const;
