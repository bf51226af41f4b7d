import type { Caller } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import type { Store } from "../core/ports/store.ts";
import type {
  ShownDelivery,
  ShownEndpoint,
  ShownWebhooks,
  WebhookAdmin,
  WebhookDetail,
  WebhookState,
} from "../core/ports/webhook-admin.ts";
import { countDeliveries, type CountedDeliveries } from "./delivery-counts.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import type { Endpoints } from "./endpoints/endpoints.ts";
import { deliveriesOf, endpointNotFound, parseEndpointName } from "./endpoints/name.ts";
import { shownDelivery, shownEndpoint } from "./shown.ts";
import type { Webhooks } from "./webhooks.ts";

/** The parts of the operators' webhooks. */
export interface WebhookOperatorsParts {
  readonly endpoints: Endpoints;
  readonly log: DeliveryLog;
  readonly store: Pick<Store, "rows" | "time">;
  /** The use cases of callers, without their chain, because operators' calls pass their own. */
  readonly webhooks: Webhooks;
}

/**
 * Webhook endpoints for operators. The operators' use cases authorize each call before this code
 * runs.
 */
export class WebhookOperators implements WebhookAdmin {
  readonly #parts: WebhookOperatorsParts;

  constructor(parts: WebhookOperatorsParts) {
    this.#parts = parts;
  }

  async list(): Promise<ShownWebhooks> {
    const { endpoints, store } = this.#parts;
    await endpoints.look();
    const counted = await countDeliveries(store);
    const asOf = store.time();
    const webhooks = endpoints.all().map((endpoint) => stateOf(endpoint, counted, asOf));
    return { webhooks, asOf, countedSince: counted.since };
  }

  async get(name: string): Promise<WebhookDetail> {
    const { endpoints, log, store } = this.#parts;
    parseEndpointName(name);
    const endpoint = await endpoints.find(name);
    if (endpoint === undefined) throw endpointNotFound(name);
    const counted = await countDeliveries(store, name);
    const { deliveries } = await log.list({ endpoint: name, pageSize: LIMITS.webhookDeliveriesShown });
    const asOf = store.time();
    return {
      state: stateOf(endpoint, counted, asOf),
      deliveries: deliveries.map(shownDelivery),
      collection: deliveriesOf(name),
      asOf,
      countedSince: counted.since,
    };
  }

  async ping(caller: Caller, name: string): Promise<ShownDelivery> {
    return shownDelivery(await this.#parts.webhooks.ping(caller, name));
  }

  async setState(caller: Caller, name: string, state: "ENABLED" | "DISABLED"): Promise<ShownEndpoint> {
    const change = { name, state, disableReason: "An operator disabled it." };
    return shownEndpoint(await this.#parts.webhooks.update(caller, change), this.#parts.store.time());
  }

  async rotateSecret(caller: Caller, name: string): Promise<ShownEndpoint> {
    const { endpoint, secret } = await this.#parts.webhooks.rotateSecret(caller, name);
    return shownEndpoint(endpoint, this.#parts.store.time(), secret);
  }

  async redeliver(caller: Caller, name: string): Promise<ShownDelivery> {
    return shownDelivery(await this.#parts.webhooks.redeliver(caller, name));
  }
}

function stateOf(endpoint: Endpoint, counted: CountedDeliveries, now: number): WebhookState {
  const { failing } = endpoint;
  return {
    endpoint: shownEndpoint(endpoint, now),
    failingSince: failing?.since ?? null,
    failingTries: failing?.tries ?? 0,
    ...counted.of(endpoint.name),
  };
}
