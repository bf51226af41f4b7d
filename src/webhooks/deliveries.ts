import { callbackUrlOf, callerOf, callerText, IN_PROCESS } from "../core/caller.ts";
import { IdSource, shardOf } from "../core/operation/id.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import { create } from "../core/operation/transition.ts";
import type { DeliverySource } from "../core/ports/deliveries.ts";
import type { Random } from "../core/ports/random.ts";
import type { Along, Store } from "../core/ports/store.ts";
import { LIMITS } from "../core/limits.ts";
import { DELIVER_METHOD, isBuiltIn } from "../engine/admin/built-in.ts";
import { NO_CALLBACK_HOSTS } from "../engine/starting/callback.ts";
import type { OperationView } from "../wire/operation.ts";
import { DELIVERY_RETRIES } from "./delivering/retries.ts";
import { isForCallbacks } from "./endpoints/callback-hosts.ts";
import type { Content, Endpoint } from "./endpoints/endpoint.ts";
import type { Endpoints } from "./endpoints/endpoints.ts";
import { deliveriesOf } from "./endpoints/name.ts";
import { dataOf, eventTimeOf, eventTypeOf, type WebhookEvent } from "./event.ts";

/** The request of an operation of `longrunning.deliver`: an event and its endpoint. */
export interface DeliveryRequest {
  /** The name of the endpoint. */
  readonly endpoint: string;
  readonly event: WebhookEvent;
  /** The URL to post to, for an endpoint of callbacks. @default the endpoint's address */
  readonly url?: string | undefined;
}

/** The parts for making deliveries. */
export interface DeliveriesParts {
  readonly endpoints: Endpoints;
  readonly store: Pick<Store, "time" | "neighbours">;
  readonly random: Random;
  readonly view: OperationView;
  /** The rule that a URL breaks, as far as the URL alone shows it. */
  readonly violationOf: (url: string) => string | undefined;
}

interface DeliveryOptions {
  readonly tenant: string | null;
  readonly shard?: number;
  readonly of?: Operation;
  readonly url?: string | undefined;
}

const ATTEMPTS = DELIVERY_RETRIES.length + 1;

/** Makes the operations that deliver events. */
export class Deliveries implements DeliverySource {
  readonly #parts: DeliveriesParts;
  readonly #ids: IdSource;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
    this.#ids = new IdSource(parts.random, parts.store.neighbours?.origin);
  }

  get wantsRemovals(): boolean {
    return this.#parts.endpoints.wants("operation.removed");
  }

  callbackViolation(url: string, parent: string): string | undefined {
    const { endpoints, violationOf } = this.#parts;
    if (!endpoints.all().some(isForCallbacks)) return NO_CALLBACK_HOSTS;
    const violation = violationOf(url);
    if (violation !== undefined || endpoints.callbackFor(url, parent) !== undefined) return violation;
    return "its host is none that this service lists for callbacks";
  }

  along(before: Operation, next: Operation | null): Along | undefined {
    const { endpoints, store, view } = this.#parts;
    const type = eventTypeOf(before, next);
    if (type === undefined || !endpoints.wants(type) || isBuiltIn(before.method)) return undefined;
    const operation = next ?? before;
    const told = endpoints.matching(operation, type);
    if (told.length === 0) return undefined;
    const now = store.time();
    const id = this.newEventId(now);
    const time = eventTimeOf(next, now);
    const tenant = callerOf(operation.caller)?.tenant ?? null;
    const written = new Map<Content, string>();
    return told.map((endpoint) => {
      const { content } = endpoint;
      const data = written.get(content) ?? dataOf(operation, content, view);
      written.set(content, data);
      const event = { id, type, time, subject: formatName(operation), data };
      const url = isForCallbacks(endpoint) ? callbackUrlOf(operation.caller) : undefined;
      return this.deliveryOf(endpoint, event, { tenant, shard: shardOf(operation.id), of: operation, url });
    });
  }

  /** A new event id. */
  newEventId(now: number): string {
    return `evt_${this.#ids.next(now)}`;
  }

  /**
   * The operation that delivers an event.
   *
   * @param options.tenant the tenant in whose turn it is delivered: of the operation's caller, or
   * of the caller that asked for it
   * @param options.of the operation that the event is about
   * @param options.url the URL to post to, for an endpoint of callbacks
   */
  deliveryOf(
    endpoint: Pick<Endpoint, "name">,
    event: WebhookEvent,
    { tenant, shard, of, url }: DeliveryOptions,
  ): Operation {
    const now = this.#parts.store.time();
    const request: DeliveryRequest = { endpoint: endpoint.name, event, url };
    return create({
      id: this.#ids.next(now, shard, LIMITS.webhookLogMs),
      parent: deliveriesOf(endpoint.name),
      method: DELIVER_METHOD,
      requestId: null,
      request: JSON.stringify(request),
      target: event.subject,
      attemptsMax: ATTEMPTS,
      createTime: now,
      timeToLiveMs: LIMITS.webhookLogMs,
      deadlineTime: now + LIMITS.webhookDeliveryMsMax,
      availableTime: now,
      priority: 0,
      parallelKey: null,
      caller: callerText({ ...IN_PROCESS, tenant }),
      traceContext: of?.traceContext ?? null,
    });
  }
}
