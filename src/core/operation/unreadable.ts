import type { Failure, Operation } from "./operation.ts";
import { isSealed } from "./sealed.ts";
import { ownFailure } from "./transition.ts";

/**
 * Prepares a record for a list. Payloads whose key this process lacks are omitted, and an error
 * replaces an unreadable outcome, so that one such record does not fail the whole page. A read of
 * the single record is refused instead (`requireOpen`).
 *
 * @param domain the service's name, for the ErrorInfo
 */
export function withoutUnreadable(operation: Operation, domain: string): Operation {
  const { metadata, response, error, exception, attempts } = operation;
  const hasOutcome = !isSealed(response?.json ?? "") && !isSealed(error?.message ?? "");
  const texts = [metadata?.json, exception, ...attempts.map(({ message }) => message)];
  if (hasOutcome && !texts.some((text) => isSealed(text ?? ""))) return operation;
  return {
    ...operation,
    metadata: isSealed(metadata?.json ?? "") ? null : metadata,
    response: hasOutcome ? response : null,
    error: hasOutcome ? error : unreadable(domain),
    exception: isSealed(exception ?? "") ? null : exception,
    attempts: attempts.map((each) => (isSealed(each.message) ? { ...each, message: "" } : each)),
  };
}

function unreadable(domain: string): Failure {
  const message =
    "The outcome is encrypted with a key that this process does not have; the operation itself is not affected.";
  return ownFailure("KEY_UNAVAILABLE", message, { domain });
}
