import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type {
  ShownDelivery,
  ShownEndpoint,
  ShownWebhooks,
  WebhookAdmin,
  WebhookDetail,
} from "../../core/ports/webhook-admin.ts";
import { SharedReads } from "../../core/shared-reads.ts";
import type { AdminAction, Operator } from "./access.ts";
import type { Reads } from "./reads.ts";

/**
 * Executes calls about webhooks. Each passes the chain once, and refuses operators with a scope.
 */
export interface WebhookCalls {
  look<T>(operator: Operator, rpc: string, resource: string, look: () => Promise<T>): Promise<T>;
  act<T>(
    operator: Operator,
    what: { readonly action: AdminAction; readonly rpc: string; readonly resource: string },
    act: (whose: Caller) => Promise<T>,
  ): Promise<T>;
}

/** The parts of {@link OperatorWebhooks}. */
export interface OperatorWebhooksParts {
  /** Undefined on a server without webhooks. */
  readonly webhooks: WebhookAdmin | undefined;
  readonly clock: Pick<Clock, "monotonic">;
  readonly reads: Reads;
  readonly calls: WebhookCalls;
}

/** The use cases of operators for webhook endpoints. Equal reads within a second share one read. */
export class OperatorWebhooks {
  readonly #parts: OperatorWebhooksParts;
  readonly #lists: SharedReads<ShownWebhooks>;
  readonly #details: SharedReads<WebhookDetail>;

  constructor(parts: OperatorWebhooksParts) {
    this.#parts = parts;
    const times = { clock: parts.clock, freshMs: LIMITS.adminListFreshMs };
    this.#lists = new SharedReads({ ...times, most: 1 });
    this.#details = new SharedReads({ ...times, most: LIMITS.adminListsMax });
  }

  /**
   * The endpoints of all parents; none on a server without webhooks.
   *
   * @throws {StatusError} PERMISSION_DENIED ADMIN_COLLECTION_REFUSED; RESOURCE_EXHAUSTED
   *   TOO_MANY_ADMIN_READS
   */
  list(operator: Operator): Promise<Pick<ShownWebhooks, "webhooks"> & Partial<ShownWebhooks>> {
    const { webhooks, reads, calls } = this.#parts;
    return calls.look(operator, "ListWebhookStates", "", async () =>
      webhooks === undefined ? { webhooks: [] } : this.#lists.get("", () => reads.run(() => webhooks.list())),
    );
  }

  /** One endpoint with its newest deliveries. @throws {StatusError} NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND; as {@link list} */
  get(operator: Operator, name: string): Promise<WebhookDetail> {
    const { reads, calls } = this.#parts;
    return calls.look(operator, "GetWebhookState", name, () => {
      const webhooks = this.#webhooks(name);
      return this.#details.get(name, () => reads.run(() => webhooks.get(name)));
    });
  }

  /** @throws {StatusError} as {@link WebhookAdmin.ping}; PERMISSION_DENIED ADMIN_READ_ONLY */
  ping(operator: Operator, name: string): Promise<ShownDelivery> {
    return this.#act(operator, ["PingWebhook", name], (webhooks, whose) => webhooks.ping(whose, name));
  }

  /** @throws {StatusError} as {@link WebhookAdmin.setState}; PERMISSION_DENIED ADMIN_READ_ONLY */
  enable(operator: Operator, name: string): Promise<ShownEndpoint> {
    return this.#act(operator, ["EnableWebhook", name], (webhooks, whose) =>
      webhooks.setState(whose, name, "ENABLED"),
    );
  }

  /** @throws {StatusError} as {@link WebhookAdmin.setState}; PERMISSION_DENIED ADMIN_READ_ONLY */
  disable(operator: Operator, name: string): Promise<ShownEndpoint> {
    return this.#act(operator, ["DisableWebhook", name], (webhooks, whose) =>
      webhooks.setState(whose, name, "DISABLED"),
    );
  }

  /** @throws {StatusError} as {@link WebhookAdmin.redeliver}; PERMISSION_DENIED ADMIN_READ_ONLY */
  redeliver(operator: Operator, name: string): Promise<ShownDelivery> {
    return this.#act(operator, ["Redeliver", name], (webhooks, whose) => webhooks.redeliver(whose, name));
  }

  /**
   * A separate action, because the new secret signs events. @throws {StatusError} as {@link enable}
   */
  rotateSecret(operator: Operator, name: string): Promise<ShownEndpoint> {
    return this.#act(
      operator,
      ["RotateSecret", name],
      (webhooks, whose) => webhooks.rotateSecret(whose, name),
      "webhookSecrets",
    );
  }

  #act<T>(
    operator: Operator,
    [rpc, resource]: readonly [rpc: string, resource: string],
    act: (webhooks: WebhookAdmin, whose: Caller) => Promise<T>,
    action: AdminAction = "webhooks",
  ): Promise<T> {
    return this.#parts.calls.act(operator, { action, rpc, resource }, async (whose) => {
      try {
        return await act(this.#webhooks(resource), whose);
      } finally {
        this.#lists.forget();
        this.#details.forget();
      }
    });
  }

  #webhooks(name: string): WebhookAdmin {
    const { webhooks } = this.#parts;
    if (webhooks !== undefined) return webhooks;
    const shown = name.slice(0, LIMITS.nameLengthMax);
    throw serviceError(
      "WEBHOOK_ENDPOINT_NOT_FOUND",
      `Webhook endpoint "${shown}" was not found: this server has no webhooks. Start it with --webhooks.`,
      { metadata: { endpoint: shown } },
    );
  }
}
