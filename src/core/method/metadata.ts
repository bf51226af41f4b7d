/**
 * The metadata fields that the service itself fills, in their order on the wire. Handlers may not
 * report fields with these names; `progressPercent` and `statusMessage` are for handlers.
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
