import type { Tell } from "../core/events.ts";
import { verbsOf } from "../core/filter/verbs.ts";
import type { Method } from "../core/method/method.ts";
import { invariant } from "../core/invariant.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { DeliverySource } from "../core/ports/deliveries.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import type { Chain } from "../engine/policy.ts";
import type { Records } from "../engine/records.ts";
import type { Rpc } from "../server/rpc/rpc.ts";
import { operationView } from "../server/view.ts";
import { Deliverer, deliverMethod } from "../webhooks/delivering/deliver.ts";
import { Poster } from "../webhooks/delivering/post.ts";
import { Targets } from "../webhooks/delivering/target.ts";
import { Deliveries } from "../webhooks/deliveries.ts";
import { DeliveryLog } from "../webhooks/delivery-log.ts";
import { Endpoints } from "../webhooks/endpoints/endpoints.ts";
import { Failing } from "../webhooks/endpoints/failing.ts";
import { type FixedEndpoint, fixedEndpoints } from "../webhooks/endpoints/fixed.ts";
import { WebhookOperators, type WebhookOperatorsParts } from "../webhooks/operators.ts";
import { Webhooks, type WebhooksParts } from "../webhooks/webhooks.ts";
import { userAgent } from "./version.ts";

/** The settings of webhooks. */
export interface WebhooksSetting {
  /** The declared methods. */
  readonly methods: ReadonlyMap<string, Method>;
  /** The service's name. */
  readonly name: string;
  /** Whether callers may create endpoints, besides the fixed ones. */
  readonly webhooks: boolean;
  /** Allowed networks besides the public ones. */
  readonly webhookAllow: readonly string[] | undefined;
  /** The address of an HTTP proxy. */
  readonly webhookProxy: string | undefined;
  readonly fixed: readonly FixedEndpoint[];
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
}

/** The parts that webhooks need of an open store. */
export interface WebhooksStore {
  readonly store: Store;
  /** The recommended poll interval of an operation. */
  readonly pollIntervalMs: (operation: Operation) => number;
}

/**
 * The webhooks of one process. The method exists before there is a store; the rest follows later.
 */
export class OpenedWebhooks {
  /** `longrunning.deliver`. */
  readonly method: Method;
  readonly #setting: WebhooksSetting;
  readonly #targets: Targets;
  readonly #poster: Poster;
  #endpoints: Endpoints | undefined;
  #deliveries: Deliveries | undefined;
  #deliverer: Deliverer | undefined;

  /** @throws {TypeError} for an invalid network or endpoint in the settings */
  constructor(setting: WebhooksSetting) {
    const { webhookAllow = [], webhookProxy, clock } = setting;
    this.#setting = setting;
    this.#targets = new Targets(webhookAllow);
    const proxy = webhookProxy === undefined ? undefined : new URL(webhookProxy);
    this.#poster = new Poster({ targets: this.#targets, clock, userAgent: userAgent(), proxy });
    this.method = deliverMethod((request, context) => {
      invariant(this.#deliverer !== undefined, "nothing is delivered before there is a store");
      return this.#deliverer.deliver(request, context);
    });
  }

  /**
   * Loads the endpoints, so that no end is missed. @returns the source of deliveries for ended
   * operations
   */
  async open({ store, pollIntervalMs }: WebhooksStore): Promise<DeliverySource> {
    const { methods, fixed, clock, random, tell, name: service, webhooks } = this.#setting;
    const verbs = verbsOf(methods);
    const parts = { violationOf: (url: string) => this.#targets.violationOf(url), verbs };
    const endpoints = new Endpoints({
      store,
      clock,
      tell,
      verbs,
      fixed: fixedEndpoints(fixed, parts),
      areKept: webhooks,
    });
    await endpoints.look();
    endpoints.start();
    const time = (): number => store.time();
    const failing = new Failing({ endpoints, clock, time, tell });
    const view = operationView({ methods, pollIntervalMs });
    this.#endpoints = endpoints;
    this.#deliveries = new Deliveries({ ...parts, endpoints, store, random, view });
    this.#deliverer = new Deliverer({ endpoints, failing, poster: this.#poster, clock, service });
    return this.#deliveries;
  }

  /** The RPCs for owners of endpoints; none if all endpoints are fixed. */
  async rpcs(records: Records, chain: Chain | undefined): Promise<readonly Rpc[]> {
    if (!this.#setting.webhooks) return [];
    const { webhookRpcs } = await import("../server/rpc/webhook-rpcs.ts");
    return webhookRpcs(new Webhooks({ ...this.#parts(records), chain }));
  }

  /** The operators' use cases, which exist even if all endpoints are fixed. */
  operators(records: Records): WebhookOperators {
    const parts = this.#parts(records);
    // The operators' use cases pass their own chain.
    return new WebhookOperators({ ...parts, webhooks: new Webhooks({ ...parts, chain: undefined }) });
  }

  #parts(records: Records): Omit<WebhooksParts, "chain"> & Pick<WebhookOperatorsParts, "store"> {
    const { random, methods, name: domain } = this.#setting;
    const [endpoints, deliveries] = [this.#endpoints, this.#deliveries];
    invariant(endpoints !== undefined && deliveries !== undefined, "webhooks are opened with the store");
    const { store } = records;
    const log = new DeliveryLog(records, { random, domain });
    const violationOf = (url: string): string | undefined => this.#targets.violationOf(url);
    return { endpoints, deliveries, log, store, random, violationOf, verbs: verbsOf(methods) };
  }

  async stop(): Promise<void> {
    await this.#endpoints?.stop();
    this.#poster.close();
  }
}
