import { errorInfo } from "../error/details.ts";
import { REASONS, type Reason } from "../error/error.ts";
import type { Failure } from "./operation.ts";

/** Creates a failure of the service itself, with its ErrorInfo. */
export function ownFailure(
  reason: Reason,
  message: string,
  info: { readonly domain: string; readonly metadata?: Readonly<Record<string, string>> },
): Failure {
  return { code: REASONS[reason][0], message, details: [errorInfo({ reason, ...info })] };
}

/** Creates the error of an operation whose payloads are lost. */
export function payloadLost(domain: string): Failure {
  return ownFailure("PAYLOAD_LOST", "The payloads of the operation cannot be read any more.", { domain });
}
