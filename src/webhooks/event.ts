import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import { encodeJson } from "../core/operation/payload.ts";
import { hasMoreBytes } from "../core/value/text.ts";
import { operationJson, type OperationView, summaryJson } from "../wire/operation.ts";
import type { Content, EventType } from "./endpoints/endpoint.ts";

/** An event, the same in all of its deliveries. */
export interface WebhookEvent {
  /** `evt_` and a UUID: the same for every endpoint and every attempt. */
  readonly id: string;
  /** One of `EVENT_TYPES`, or `endpoint.ping`. */
  readonly type: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The name of the operation; for a ping, of the endpoint. */
  readonly subject: string;
  /** The JSON of an object. */
  readonly data: string;
}

/** The event type of a change; undefined for none. @param next null if the record is removed */
export function eventTypeOf(before: Operation, next: Operation | null): EventType | undefined {
  if (next === null) return "operation.removed";
  switch (next.state) {
    case "SUCCEEDED":
      return "operation.succeeded";
    case "FAILED":
      return "operation.failed";
    case "CANCELLED":
      return "operation.cancelled";
    case "PENDING":
      return next.failedAttempts > before.failedAttempts ? "operation.retrying" : undefined;
    case "RUNNING":
      return undefined;
  }
}

/** The time of the event. @param now the store's clock */
export function eventTimeOf(next: Operation | null, now: number): number {
  return next !== null && isDone(next) ? (next.endTime ?? now) : now;
}

/**
 * The operation as in the answer to Get, with revision, method and parent; or only its name and
 * these. If that is too large, metadata and response are left out, and `truncated` is set.
 */
export function dataOf(operation: Operation, content: Content, view: OperationView): string {
  const { revision, method, parent } = operation;
  const more = `"revision":${revision},"method":${encodeJson(method)},"parent":${encodeJson(parent)}`;
  if (content === "THIN") return `{"name":${encodeJson(formatName(operation))},${more}}`;
  const { metadata, response } = operation;
  const bytesMax = LIMITS.webhookDataBytesMax;
  // If it is too large it is not even assembled, because the end of the operation waits for this.
  const isSmall = (metadata?.json.length ?? 0) + (response?.json.length ?? 0) <= bytesMax;
  const whole = isSmall ? `${operationJson(operation, view).slice(0, -1)},${more}}` : undefined;
  if (whole !== undefined && !hasMoreBytes(whole, bytesMax)) return whole;
  return `${summaryJson(operation, view).slice(0, -1)},${more},"truncated":true}`;
}
