import type { Caller } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import type { Operation } from "../core/operation/operation.ts";
import { PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import type { Chain } from "../engine/policy.ts";
import type { Deliveries } from "./deliveries.ts";
import { type DeliveryPage, DeliveryLog, type DeliveryListRequest } from "./delivery-log.ts";
import { isForCallbacks } from "./endpoints/callback-hosts.ts";
import type { Endpoint, KnownEndpoint } from "./endpoints/endpoint.ts";
import { checkNotFixed, type Endpoints } from "./endpoints/endpoints.ts";
import {
  deliveriesOf,
  endpointNotFound,
  formatEndpointName,
  parentOf,
  parseDeliveryName,
  parseEndpointName,
} from "./endpoints/name.ts";
import { changed, checkedId, checkEtag, exists, newId, noAddress, stateOf } from "./endpoints/asked.ts";
import { newSecret, signatureOf } from "./endpoints/secret.ts";
import { checkSignature, type GivenSpec, readSpec, type SpecParts } from "./endpoints/spec.ts";

/** The parts of the use cases. */
export interface WebhooksParts extends SpecParts {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly log: DeliveryLog;
  readonly store: Pick<Store, "time">;
  readonly random: Random;
  /** Undefined if everything is allowed and nothing is observed. */
  readonly chain: Chain | undefined;
}

/** A change of an endpoint. Undefined fields are unchanged. */
export interface EndpointChange extends GivenSpec {
  readonly name: string;
  readonly state?: string | undefined;
  /** The reason shown if `state` disables the endpoint. @default "Its owner disabled it." */
  readonly disableReason?: string | undefined;
  /** The change is rejected for any other version; an empty etag accepts any. */
  readonly etag?: string | undefined;
}

/** An endpoint with its new secret, which is shown only once. */
export interface EndpointWithSecret {
  readonly endpoint: Endpoint;
  readonly secret: string;
}

/** The use cases of webhooks. Each call passes the chain once. */
export class Webhooks {
  readonly #parts: WebhooksParts;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /** The store's clock. */
  time(): number {
    return this.#parts.store.time();
  }

  /**
   * Creates an endpoint with a secret.
   *
   * @param id the last segment of its name; empty for a random one
   * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID, NAME_INVALID; ALREADY_EXISTS WEBHOOK_ENDPOINT_EXISTS;
   *   RESOURCE_EXHAUSTED TOO_MANY_WEBHOOK_ENDPOINTS
   */
  create(
    caller: Caller,
    asked: { readonly parent: string; readonly id: string; readonly spec: GivenSpec },
  ): Promise<EndpointWithSecret> {
    return this.#run(
      { caller, permission: PERMISSIONS.createEndpoint, resource: asked.parent },
      async ({ tenant }) => {
        const { random, endpoints } = this.#parts;
        const parent = parentOf(asked.parent);
        const id = asked.id === "" ? newId(random) : checkedId(asked.id);
        const name = formatEndpointName({ parent, id });
        deliveriesOf(name);
        const spec = readSpec(asked.spec, this.#parts);
        const now = this.#parts.store.time();
        const secret = newSecret(random, asked.spec.signature === "V1A" ? "V1A" : "V1");
        const endpoint = await endpoints.add({
          ...spec,
          name,
          parent,
          tenant,
          state: "ENABLED",
          disableReason: "",
          secrets: [{ key: secret, expireTime: null }],
          failing: null,
          createTime: now,
          updateTime: now,
          generation: 1,
        });
        if (endpoint === undefined) throw exists(name);
        return { endpoint, secret };
      },
    );
  }

  /** @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND */
  get(caller: Caller, name: string): Promise<Endpoint> {
    return this.#run({ caller, permission: PERMISSIONS.getEndpoint, resource: name }, () => this.#find(name));
  }

  /**
   * The endpoints of a parent: at most one page. @throws {StatusError} INVALID_ARGUMENT
   * NAME_INVALID
   */
  list(caller: Caller, parent: string): Promise<readonly Endpoint[]> {
    return this.#run({ caller, permission: PERMISSIONS.listEndpoints, resource: parent }, async () => {
      const { endpoints } = this.#parts;
      await endpoints.look();
      return endpoints.of(parentOf(parent));
    });
  }

  /**
   * Changes an endpoint.
   *
   * @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND; INVALID_ARGUMENT REQUEST_INVALID; ABORTED WEBHOOK_ENDPOINT_CHANGED;
   *   FAILED_PRECONDITION WEBHOOK_ENDPOINT_FIXED
   */
  update(caller: Caller, change: EndpointChange): Promise<Endpoint> {
    return this.#run({ caller, permission: PERMISSIONS.updateEndpoint, resource: change.name }, () =>
      this.#change(change.name, change.etag, (known) => {
        checkSignature(change.signature, signatureOf(known));
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        const spec = readSpec({ ...known, ...Object.fromEntries(given) }, this.#parts);
        const state = stateOf(change.state) ?? known.state;
        const isEnabled = state === "ENABLED";
        const disableReason = isEnabled
          ? ""
          : known.state === state
            ? known.disableReason
            : (change.disableReason ?? "Its owner disabled it.");
        const failing = isEnabled && known.state !== "ENABLED" ? null : known.failing;
        return { ...spec, state, disableReason, failing };
      }),
    );
  }

  /**
   * Removes an endpoint; its pending deliveries are not sent. @throws {StatusError} as
   * {@link update} does
   */
  delete(caller: Caller, name: string, etag = ""): Promise<void> {
    return this.#run({ caller, permission: PERMISSIONS.deleteEndpoint, resource: name }, async () => {
      const known = await this.#find(name);
      checkNotFixed(known);
      checkEtag(known, etag);
      if (!(await this.#parts.endpoints.remove(name))) throw endpointNotFound(name);
    });
  }

  /**
   * Gives an endpoint a new secret. The previous one also signs for another day. @throws
   * {StatusError} as {@link update} does
   */
  rotateSecret(caller: Caller, name: string): Promise<EndpointWithSecret> {
    return this.#run({ caller, permission: PERMISSIONS.rotateSecret, resource: name }, async () => {
      const expireTime = this.#parts.store.time() + LIMITS.webhookRotationMs;
      let secret = "";
      const endpoint = await this.#change(name, "", (known) => {
        const [newest] = known.secrets;
        secret = newSecret(this.#parts.random, signatureOf(known));
        const before = newest === undefined ? [] : [{ ...newest, expireTime }];
        return { secrets: [{ key: secret, expireTime: null }, ...before] };
      });
      return { endpoint, secret };
    });
  }

  /**
   * Sends a test event to an endpoint.
   *
   * @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND; INVALID_ARGUMENT REQUEST_INVALID for an endpoint of callbacks
   */
  ping(caller: Caller, name: string): Promise<Operation> {
    return this.#run(
      { caller, permission: PERMISSIONS.deliver, resource: name, rpc: "PingWebhookEndpoint" },
      async ({ tenant }) => {
        const endpoint = await this.#find(name);
        if (isForCallbacks(endpoint)) throw noAddress(name);
        const { deliveries, log, store } = this.#parts;
        const time = store.time();
        const data = JSON.stringify({ endpoint: name });
        const event = { id: deliveries.newEventId(time), type: "endpoint.ping", time, subject: name, data };
        return log.add(deliveries.deliveryOf(endpoint, event, { tenant }));
      },
    );
  }

  /**
   * Repeats the failed deliveries since a time: the newest 1,000.
   *
   * @returns their number
   * @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND
   */
  recover(caller: Caller, name: string, since: number): Promise<number> {
    return this.#run(
      { caller, permission: PERMISSIONS.deliver, resource: name, rpc: "RecoverWebhookEndpoint" },
      async ({ tenant }) => {
        const endpoint = await this.#find(name);
        const { log, deliveries } = this.#parts;
        const failed = await log.failedSince(name, since);
        // A few at a time, because other calls must write, too.
        for (let done = 0; done < failed.length; done += LIMITS.webhookRecoverAtOnce) {
          const some = failed.slice(done, done + LIMITS.webhookRecoverAtOnce);
          await Promise.all(
            some.map(({ event, url }) => log.add(deliveries.deliveryOf(endpoint, event, { tenant, url }))),
          );
        }
        return failed.length;
      },
    );
  }

  /** A page of an endpoint's deliveries, newest first. @throws {StatusError} as a list of operations does */
  deliveries(caller: Caller, request: DeliveryListRequest): Promise<DeliveryPage> {
    const { endpoint } = request;
    return this.#run(
      { caller, permission: PERMISSIONS.readDeliveries, resource: endpoint, rpc: "ListWebhookDeliveries" },
      async () => {
        parseEndpointName(endpoint);
        return this.#parts.log.list(request);
      },
    );
  }

  /** One delivery. @throws {StatusError} NOT_FOUND WEBHOOK_DELIVERY_NOT_FOUND */
  delivery(caller: Caller, name: string): Promise<Operation> {
    const get = (): Promise<Operation> => this.#parts.log.get(name);
    return this.#run(
      { caller, permission: PERMISSIONS.readDeliveries, resource: name, rpc: "GetWebhookDelivery" },
      get,
    );
  }

  /**
   * Delivers an event again, with a new delivery. @throws {StatusError} NOT_FOUND
   * WEBHOOK_DELIVERY_NOT_FOUND, WEBHOOK_ENDPOINT_NOT_FOUND
   */
  redeliver(caller: Caller, name: string): Promise<Operation> {
    return this.#run(
      { caller, permission: PERMISSIONS.deliver, resource: name, rpc: "RedeliverWebhookDelivery" },
      async ({ tenant }) => {
        const { log, deliveries } = this.#parts;
        const { event, url } = log.requestOf(await log.get(name));
        const endpoint = await this.#find(parseDeliveryName(name).endpoint);
        return log.add(deliveries.deliveryOf(endpoint, event, { tenant, url }));
      },
    );
  }

  /** @param useCase called with the caller, including the endpoint's tenant */
  #run<Result>(call: Call, useCase: (caller: Caller) => Promise<Result>): Promise<Result> {
    const { chain } = this.#parts;
    return chain === undefined ? useCase(call.caller) : chain.run(call, useCase);
  }

  /** The endpoint as it is in the store now. */
  async #find(name: string): Promise<KnownEndpoint> {
    parseEndpointName(name);
    const endpoint = await this.#parts.endpoints.find(name);
    if (endpoint === undefined) throw endpointNotFound(name);
    return endpoint;
  }

  async #change(
    name: string,
    etag: string | undefined,
    decide: (known: KnownEndpoint) => Partial<Endpoint>,
  ): Promise<Endpoint> {
    for (let round = 0; round < LIMITS.conflictRetriesMax; round++) {
      const known = await this.#find(name);
      checkNotFixed(known);
      checkEtag(known, etag ?? "");
      const updateTime = this.#parts.store.time();
      const { generation } = known;
      const next = { ...known, ...decide(known), updateTime, generation: generation + 1 };
      const stored = await this.#parts.endpoints.replace(next);
      if (stored !== undefined) return stored;
    }
    throw changed(name);
  }
}
