import { retryInfo } from "../../core/error/details.ts";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { HTTP_GONE } from "../../wire/code.ts";
import { networkErrorText } from "../../outbound/network-error.ts";
import { retryAfterMs } from "../../outbound/retry-after.ts";
import type { Answer } from "./post.ts";
import { TargetRefused } from "./target.ts";

/**
 * The errors of deliveries, for the owner of the endpoint. They contain nothing of the answer's
 * body, of addresses or of ports, so that owners of endpoints learn nothing about the server's
 * network.
 */

/**
 * The error for an unsuccessful answer. @param now the time, in milliseconds since the Unix epoch
 */
export function answerFailure({ status, retryAfter }: Answer, now: number): StatusError {
  if (status === HTTP_GONE)
    return serviceError("WEBHOOK_GONE", `The receiver answered ${status}: it wants no more events.`);
  const delayMs = Math.min(retryAfterMs(retryAfter, now), LIMITS.retryInfoMsMax);
  const details = delayMs > 0 ? [retryInfo({ retryDelay: formatDuration(delayMs) })] : [];
  return serviceError("WEBHOOK_REFUSED", `The receiver answered ${status}.`, { details });
}

/** The error for a message without an answer. */
export function networkFailure(error: unknown): StatusError {
  if (error instanceof TargetRefused) return serviceError("WEBHOOK_TARGET_REFUSED", error.message);
  return serviceError("WEBHOOK_UNREACHABLE", `The receiver cannot be reached: ${networkErrorText(error)}.`);
}
