/** The limits of webhooks. They are a part of `LIMITS`. */
export const WEBHOOK_LIMITS = {
  /** Endpoints in all: every process that ends operations keeps them in memory, and reads them each second. */
  webhookEndpointsMax: 1_000,
  /** Endpoints of one parent: so many deliveries may come along with an end, for each parent above the operation. */
  webhookEndpointsOfParentMax: 20,
  /** Endpoints of one tenant, so that none takes those of others. */
  webhookEndpointsOfTenantMax: 100,
  /** Restrictions of an endpoint's filter that read payloads: in one of 1 MiB, each may take a few milliseconds of every end. */
  webhookPayloadTermsMax: 4,
  /** An endpoint's id, in characters. AIP-122: a segment of a name that users choose has 63. */
  webhookIdLengthMax: 63,
  /** Hosts that one endpoint of callbacks lists. */
  webhookCallbackHostsMax: 100,
  /** An address, in characters. */
  webhookUrlLengthMax: 2_048,
  /** The JSON of an operation in an event, in bytes; what is larger comes without its payloads. Standard Webhooks: below 20 KB. */
  webhookDataBytesMax: 16_384,
  /** How long a delivery and what became of it are kept once it has ended: seven days. */
  webhookLogMs: 604_800_000,
  /** How long an old secret signs beside the new one: a day. */
  webhookRotationMs: 86_400_000,
  /** How long a receiver has to answer. Standard Webhooks: 15 to 30 s. */
  webhookAnswerMsMax: 15_000,
  /** Deliveries under way in one process, and to one host of them. They take no slots from other handlers. */
  webhooksAtOnce: 32,
  webhooksAtOncePerHost: 8,
  /** How long a delivery waits for its host at the most before it asks again. */
  webhookPostponeMsMax: 60_000,
  /** A day: for how long a receiver, or the error of any handler, may put the next attempt off. */
  retryInfoMsMax: 86_400_000,
  /** An endpoint that never answered as it should for so long, in so many tries at least, is disabled: five days. */
  webhookFailingMsMax: 432_000_000,
  webhookFailingTriesMin: 20,
  /** How often failures of an endpoint are written down at the most. */
  webhookFailuresMs: 60_000,
  /** After so many failures in a row a receiver is tried once in this time only, from each process. */
  webhookProbeAfter: 5,
  webhookProbeMs: 60_000,
  /** How long a delivery waits for its turn to try such a receiver, before it asks again. */
  webhookProbeWaitMsMax: 600_000,
  /** For how long a consent of a receiver counts, before a process asks again: an hour. */
  webhookConsentMs: 3_600_000,
  /** Receivers whose failures, or consents, a process remembers. */
  webhookReceiversMax: 10_000,
  /** A delivery that has not arrived after this has failed, however often it was put off: seven days. */
  webhookDeliveryMsMax: 604_800_000,
  /** Deliveries that one recovery starts again, of the newest so many. */
  webhookRecoverMax: 1_000,
  /** How many of them are written at once. */
  webhookRecoverAtOnce: 50,
  /** Deliveries of the last hour are counted for operators, in one read of so many records at most. */
  webhookCountedMs: 3_600_000,
  webhookCountedMax: 10_000,
  /** Deliveries that operators see of one endpoint. */
  webhookDeliveriesShown: 50,
} as const;
