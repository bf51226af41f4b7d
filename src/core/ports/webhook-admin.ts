import type { Caller } from "../caller.ts";
import type { State } from "../operation/operation.ts";

/** The port to webhook endpoints for operators: the endpoints of every parent. Times are milliseconds since the epoch. */
export interface WebhookAdmin {
  /** All endpoints, in the order of their names. @throws {StatusError} UNAVAILABLE */
  list(): Promise<ShownWebhooks>;
  /** @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND */
  get(name: string): Promise<WebhookDetail>;
  /** @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND; INVALID_ARGUMENT REQUEST_INVALID for an endpoint of callbacks */
  ping(caller: Caller, name: string): Promise<ShownDelivery>;
  /** @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND; FAILED_PRECONDITION WEBHOOK_ENDPOINT_FIXED */
  setState(caller: Caller, name: string, state: "ENABLED" | "DISABLED"): Promise<ShownEndpoint>;
  /** @returns the endpoint, with its new secret. @throws {StatusError} as {@link setState} */
  rotateSecret(caller: Caller, name: string): Promise<ShownEndpoint>;
  /** @throws {StatusError} NOT_FOUND WEBHOOK_DELIVERY_NOT_FOUND, WEBHOOK_ENDPOINT_NOT_FOUND */
  redeliver(caller: Caller, name: string): Promise<ShownDelivery>;
}

/** An endpoint as answers show it. */
export interface ShownEndpoint {
  readonly name: string;
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly filter: string;
  readonly format: string;
  readonly payload: string;
  readonly state: string;
  readonly disableReason: string;
  /** Empty except in the answer of the call that created it. */
  readonly secret: string;
  /** `V1` or `V1A`. */
  readonly signature: string;
  readonly publicKeys: readonly string[];
  /** `NONE` or `OPTIONS`. */
  readonly verify: string;
  readonly fixed: boolean;
  /** Null for an endpoint of the settings. */
  readonly createTime: number | null;
  readonly updateTime: number | null;
  readonly etag: string;
  readonly callbackHosts: readonly string[];
}

/** A delivery as answers show it. */
export interface ShownDelivery {
  readonly name: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string;
  readonly state: State;
  /** The HTTP status of the successful try; 0 for none. */
  readonly status: number;
  readonly failedTries: readonly ShownTry[];
  /** Null if there is no next try. */
  readonly nextTryTime: number | null;
  readonly createTime: number;
  readonly endTime: number | null;
}

/** A try that failed. */
export interface ShownTry {
  readonly beginTime: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly error: string;
}

/** The results of an endpoint's deliveries since `countedSince`. */
export interface DeliveryCounts {
  readonly delivered: number;
  readonly failed: number;
  /** Deliveries that failed at least once and will be retried. */
  readonly retrying: number;
}

/** An endpoint with the state of its deliveries. */
export interface WebhookState extends DeliveryCounts {
  readonly endpoint: ShownEndpoint;
  /** The time of the first consecutive failed try; null after a success. */
  readonly failingSince: number | null;
  readonly failingTries: number;
}

/** All endpoints at one time. */
export interface ShownWebhooks {
  readonly webhooks: readonly WebhookState[];
  readonly asOf: number;
  readonly countedSince: number;
}

/** One endpoint at one time. */
export interface WebhookDetail {
  readonly state: WebhookState;
  /** Newest first. */
  readonly deliveries: readonly ShownDelivery[];
  /** The collection of the delivery operations. */
  readonly collection: string;
  readonly asOf: number;
  readonly countedSince: number;
}
