/**
 * The fields of an operation's metadata that the service itself fills, in the order in which they go on the wire. A handler
 * reports beside them and may not use their names; `progressPercent` and `statusMessage` are the handler's.
 *
 * @see contract section 6.10 (what gcloud's tables expect); AIP-142, AIP-148
 */
export const SERVICE_METADATA_FIELDS = [
  "verb",
  "target",
  "createTime",
  "scheduleTime",
  "startTime",
  "endTime",
  "expireTime",
  "state",
  "attempt",
  "priority",
  "requestedCancellation",
  "apiVersion",
  "pollInterval",
] as const;

/** A metadata field that the service fills. */
export type ServiceMetadataField = (typeof SERVICE_METADATA_FIELDS)[number];
