import { serviceError } from "../../core/error/error.ts";
import type { DeliverySource } from "../../core/ports/deliveries.ts";
import type { StartRequest } from "./request.ts";

/** The violated rule of every callback URL if no endpoint in the settings lists hosts. */
export const NO_CALLBACK_HOSTS = "this service lists no hosts for callbacks";

/**
 * Validates the callback URL of a start; undefined for none.
 *
 * @param parent the parent of the operation
 * @param deliveries undefined without webhooks
 * @throws {StatusError} INVALID_ARGUMENT CALLBACK_URL_INVALID unless the operator lists its host
 */
export function callbackOf(
  { callbackUrl }: Pick<StartRequest, "callbackUrl">,
  parent: string,
  deliveries: Pick<DeliverySource, "callbackViolation"> | undefined,
): string | undefined {
  if (callbackUrl === undefined || callbackUrl === "") return undefined;
  const violation =
    typeof callbackUrl !== "string"
      ? `expected a text, got ${typeof callbackUrl}`
      : deliveries === undefined
        ? NO_CALLBACK_HOSTS
        : deliveries.callbackViolation(callbackUrl, parent);
  if (violation === undefined) return callbackUrl;
  throw serviceError("CALLBACK_URL_INVALID", `Invalid callback URL: ${violation}.`);
}
