import type { Operation } from "../core/operation/operation.ts";
import { isSealed } from "../core/operation/sealed.ts";
import type { ShownDelivery, ShownEndpoint } from "../core/ports/webhook-admin.ts";
import type { DeliveryRequest } from "./deliveries.ts";
import { answeredStatus, nextTryTime } from "./delivery-log.ts";
import { type Endpoint, etagOf, isFixed } from "./endpoints/endpoint.ts";
import { deliveryName } from "./endpoints/name.ts";
import { publicKeysOf, shownSecret, signatureOf } from "./endpoints/secret.ts";

/**
 * An endpoint as shown in answers.
 *
 * @param now the time on the store's clock
 * @param secret the secret that this call has made
 */
export function shownEndpoint(endpoint: Endpoint, now: number, secret = ""): ShownEndpoint {
  const { name, url, eventTypes, filter, format, content, state, disableReason, verify } = endpoint;
  const fixed = isFixed(endpoint);
  return {
    name,
    url,
    eventTypes,
    filter,
    format,
    payload: content,
    state,
    disableReason,
    secret: shownSecret(secret),
    signature: signatureOf(endpoint),
    publicKeys: publicKeysOf(endpoint, now),
    verify,
    fixed,
    createTime: fixed ? null : endpoint.createTime,
    updateTime: fixed ? null : endpoint.updateTime,
    etag: etagOf(endpoint),
    callbackHosts: endpoint.callbackHosts ?? [],
  };
}

/** A delivery as shown in answers. @param operation the delivering operation */
export function shownDelivery(operation: Operation): ShownDelivery {
  const event = eventOf(operation);
  const { state, createTime, endTime, attempts } = operation;
  return {
    name: deliveryName(operation),
    eventId: event?.id ?? "",
    eventType: event?.type ?? "",
    subject: operation.target,
    state,
    status: answeredStatus(operation) ?? 0,
    failedTries: attempts
      .filter(({ how }) => how !== "released")
      .map(({ beginTime, endTime: end, message }) => ({
        beginTime: beginTime ?? end,
        duration: end - (beginTime ?? end),
        error: message,
      })),
    nextTryTime: nextTryTime(operation) ?? null,
    createTime,
    endTime,
  };
}

/** Undefined if it is encrypted and nobody can decrypt it any more. */
function eventOf({ request }: Operation): DeliveryRequest["event"] | undefined {
  return isSealed(request) ? undefined : (JSON.parse(request) as DeliveryRequest).event;
}
