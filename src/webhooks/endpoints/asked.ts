import { serviceError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Random } from "../../core/ports/random.ts";
import { type Endpoint, etagOf } from "./endpoint.ts";
import { isEndpointId } from "./name.ts";

/** Checks an id chosen by the caller. @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID */
export function checkedId(id: string): string {
  if (isEndpointId(id)) return id;
  throw fieldError("REQUEST_INVALID", {
    field: "webhookEndpointId",
    description: `Invalid value at 'webhookEndpointId': expected 1 to ${LIMITS.webhookIdLengthMax} of a-z, 0-9 and -, a letter first and no - last.`,
  });
}

/** A random id. */
export function newId(random: Random): string {
  return `e${Buffer.from(random.bytes(10)).toString("hex")}`;
}

/**
 * The requested state; undefined if none is given. @throws {StatusError} INVALID_ARGUMENT
 * REQUEST_INVALID
 */
export function stateOf(text: string | undefined): Endpoint["state"] | undefined {
  if (text === undefined || text === "") return undefined;
  if (text === "ENABLED" || text === "DISABLED") return text;
  throw fieldError("REQUEST_INVALID", {
    field: "state",
    description: "Invalid value at 'state': expected ENABLED or DISABLED.",
  });
}

/**
 * @throws {StatusError} ABORTED WEBHOOK_ENDPOINT_CHANGED if the etag is not that of the endpoint;
 * an empty one matches any
 */
export function checkEtag(endpoint: Endpoint, etag: string): void {
  if (etag !== "" && etag !== etagOf(endpoint)) throw changed(endpoint.name);
}

/** The error for an endpoint that was changed concurrently. */
export function changed(name: string): Error {
  return serviceError(
    "WEBHOOK_ENDPOINT_CHANGED",
    `Webhook endpoint "${name}" was changed meanwhile; read it again.`,
    {
      metadata: { endpoint: name },
    },
  );
}

/** The error for an endpoint of callbacks if an address is needed. */
export function noAddress(name: string): Error {
  const description = `Webhook endpoint "${name}" is for callbacks: it has no address of its own to send to.`;
  return fieldError("REQUEST_INVALID", { field: "name", description });
}

/** The error for a name that is taken. */
export function exists(name: string): Error {
  return serviceError("WEBHOOK_ENDPOINT_EXISTS", `Webhook endpoint "${name}" exists; give another id.`, {
    metadata: { endpoint: name },
  });
}
