import type { Duration } from "../../core/value/duration.ts";

/**
 * The delays between the attempts of a failing delivery: nine retries, over three days.
 *
 * @see Standard Webhooks 1.0.0, "Deliverability and reliability"
 */
export const DELIVERY_RETRIES = [
  "5s",
  "5m",
  "30m",
  "2h",
  "5h",
  "10h",
  "14h",
  "20h",
  "24h",
] as const satisfies readonly Duration[];
