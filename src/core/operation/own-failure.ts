import { errorInfo } from "../error/details.ts";
import { REASONS, type Reason } from "../error/error.ts";
import type { Failure } from "./operation.ts";

/** A failure that the service itself gives, with its ErrorInfo. */
export function ownFailure(
  reason: Reason,
  message: string,
  info: { readonly domain: string; readonly metadata?: Readonly<Record<string, string>> },
): Failure {
  return { code: REASONS[reason][0], message, details: [errorInfo({ reason, ...info })] };
}

/** The error of an operation whose payloads nobody can read any more. */
export function payloadLost(domain: string): Failure {
  return ownFailure("PAYLOAD_LOST", "The payloads of the operation cannot be read any more.", { domain });
}
