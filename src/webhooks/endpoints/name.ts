import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { checkOneParent } from "../../core/operation/collection.ts";
import { isId } from "../../core/operation/id.ts";
import { formatName, type OperationName } from "../../core/operation/name.ts";
import { BUILT_IN_PARENT } from "../../engine/admin/built-in.ts";

/**
 * Names: `{parent}/webhookEndpoints/{id}`, without the parent if there is none, and
 * `…/deliveries/{id}`. A delivery is an internal operation, in a collection that no caller's list
 * shows.
 */

const ENDPOINTS = "webhookEndpoints";
const DELIVERIES = "deliveries";
const ID = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/** The name of an endpoint, in its parts. */
export interface EndpointName {
  readonly parent: string;
  readonly id: string;
}

/** The name of an endpoint. */
export function formatEndpointName({ parent, id }: EndpointName): string {
  return parent === "" ? `${ENDPOINTS}/${id}` : `${parent}/${ENDPOINTS}/${id}`;
}

/** @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND for an invalid name */
export function parseEndpointName(name: string): EndpointName {
  const segments = name.split("/");
  const [collection, id = ""] = segments.slice(-2);
  if (collection !== ENDPOINTS || !isEndpointId(id)) throw endpointNotFound(name);
  return { parent: segments.slice(0, -2).join("/"), id };
}

/** Whether this is a valid id of an endpoint. */
export function isEndpointId(id: string): boolean {
  return id.length <= LIMITS.webhookIdLengthMax && ID.test(id);
}

/** The error for a missing endpoint. */
export function endpointNotFound(name: string): Error {
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("WEBHOOK_ENDPOINT_NOT_FOUND", `Webhook endpoint "${shown}" was not found.`, {
    metadata: { endpoint: shown },
  });
}

/** The parent of the operations that deliver to an endpoint. @throws {StatusError} INVALID_ARGUMENT NAME_INVALID */
export function deliveriesOf(endpoint: string): string {
  return checkOneParent(`${BUILT_IN_PARENT}/${endpoint}`);
}

/** The name of the delivery for its operation's name. */
export function deliveryName({ parent, id }: OperationName): string {
  return `${parent.slice(BUILT_IN_PARENT.length + 1)}/${DELIVERIES}/${id}`;
}

/** A delivery's endpoint and its operation. @throws {StatusError} NOT_FOUND WEBHOOK_DELIVERY_NOT_FOUND */
export function parseDeliveryName(name: string): { readonly endpoint: string; readonly operation: string } {
  const segments = name.split("/");
  const [collection, id = ""] = segments.slice(-2);
  if (collection !== DELIVERIES || !isId(id)) throw deliveryNotFound(name);
  const endpoint = segments.slice(0, -2).join("/");
  parseEndpointName(endpoint);
  return { endpoint, operation: formatName({ parent: deliveriesOf(endpoint), id }) };
}

/** The error for a missing delivery. */
export function deliveryNotFound(name: string): Error {
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("WEBHOOK_DELIVERY_NOT_FOUND", `Webhook delivery "${shown}" was not found.`, {
    metadata: { delivery: shown },
  });
}

/**
 * Checks the parent in a request for a list of endpoints or of deliveries.
 *
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID
 */
export function parentOf(text: string): string {
  return checkOneParent(text);
}
