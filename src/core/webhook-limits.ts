/** The limits of webhooks. They are a part of `LIMITS`. */
export const WEBHOOK_LIMITS = {
  /**
   * All endpoints: every process that ends operations keeps them in memory, and reads them each
   * second.
   */
  webhookEndpointsMax: 1_000,
  /**
   * Endpoints of one parent: an end may cause as many deliveries for each parent above the
   * operation.
   */
  webhookEndpointsOfParentMax: 20,
  /** Endpoints of one tenant, so that no tenant takes those of others. */
  webhookEndpointsOfTenantMax: 100,
  /**
   * Restrictions on payloads in an endpoint's filter: with 1 MiB, each may take a few milliseconds
   * at every end.
   */
  webhookPayloadTermsMax: 4,
  /** An endpoint's id, in characters. AIP-122: user-chosen segments of names have at most 63. */
  webhookIdLengthMax: 63,
  /** Hosts of one endpoint for callbacks. */
  webhookCallbackHostsMax: 100,
  /** A URL, in characters. */
  webhookUrlLengthMax: 2_048,
  /**
   * The JSON of an operation in an event, in bytes; larger ones come without their payloads.
   * Standard Webhooks: below 20 KB.
   */
  webhookDataBytesMax: 16_384,
  /** How long a finished delivery is kept: seven days. */
  webhookLogMs: 604_800_000,
  /** How long an old secret also signs after a rotation: a day. */
  webhookRotationMs: 86_400_000,
  /** The timeout of a receiver's answer. Standard Webhooks: 15 to 30 s. */
  webhookAnswerMsMax: 15_000,
  /**
   * Concurrent deliveries in one process, and to one host. They take no slots from other handlers.
   */
  webhooksAtOnce: 32,
  webhooksAtOncePerHost: 8,
  /** The longest wait of a delivery for its host before it asks again. */
  webhookPostponeMsMax: 60_000,
  /**
   * The longest delay of the next attempt that a receiver, or the error of any handler, may
   * request: a day.
   */
  retryInfoMsMax: 86_400_000,
  /**
   * An endpoint is disabled after failing for this long (five days), with at least this many tries.
   */
  webhookFailingMsMax: 432_000_000,
  webhookFailingTriesMin: 20,
  /** The shortest interval between stored failures of an endpoint. */
  webhookFailuresMs: 60_000,
  /** After this many consecutive failures, each process tries a receiver only once in this time. */
  webhookProbeAfter: 5,
  webhookProbeMs: 60_000,
  /** The longest wait of a delivery for its turn at such a receiver, before it asks again. */
  webhookProbeWaitMsMax: 600_000,
  /** For how long a consent of a receiver counts, before a process asks again: an hour. */
  webhookConsentMs: 3_600_000,
  /** Receivers whose failures, or consents, a process remembers. */
  webhookReceiversMax: 10_000,
  /** A delivery fails after this time, however often it was delayed: seven days. */
  webhookDeliveryMsMax: 604_800_000,
  /** The newest deliveries that one recovery restarts. */
  webhookRecoverMax: 1_000,
  /** How many of them are written at once. */
  webhookRecoverAtOnce: 50,
  /**
   * The period for the operators' counts of deliveries, and the records that one read counts at
   * most.
   */
  webhookCountedMs: 3_600_000,
  webhookCountedMax: 10_000,
  /** Deliveries of one endpoint shown to operators. */
  webhookDeliveriesShown: 50,
} as const;
