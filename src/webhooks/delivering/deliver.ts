import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Context, Method } from "../../core/method/method.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { ANY_OBJECT, builtInMethod, DELIVER_METHOD } from "../../engine/admin/built-in.ts";
import { codeOfHttpStatus } from "../../wire/code.ts";
import type { DeliveryRequest } from "../deliveries.ts";
import { isForCallbacks, takesCallback } from "../endpoints/callback-hosts.ts";
import type { KnownEndpoint } from "../endpoints/endpoint.ts";
import type { Endpoints } from "../endpoints/endpoints.ts";
import type { Failing } from "../endpoints/failing.ts";
import { endpointNotFound } from "../endpoints/name.ts";
import { signingSecrets } from "../endpoints/secret.ts";
import { answerFailure, networkFailure } from "./failure.ts";
import { HostTurns } from "./host-turns.ts";
import { webhookMessage, type WebhookMessage } from "./message.ts";
import { Consents } from "./consents.ts";
import { type Answer, ORIGIN_HEADER, type Poster } from "./post.ts";
import { Probes } from "./probes.ts";
import { DELIVERY_RETRIES } from "./retries.ts";

/** The parts for carrying out deliveries. */
export interface DeliverParts {
  readonly endpoints: Endpoints;
  readonly failing: Failing;
  readonly poster: Poster;
  readonly clock: Clock;
  /** The service's name. */
  readonly service: string;
}

/** The result of a delivery. */
export interface Delivered {
  readonly status: number;
  readonly durationMs: number;
}

/**
 * The URL for an event. @throws {StatusError} UNAVAILABLE WEBHOOK_TARGET_REFUSED for a host that is
 * no longer listed
 */
function addressOf(endpoint: KnownEndpoint, callbackUrl: string | undefined): string {
  if (callbackUrl === undefined && !isForCallbacks(endpoint)) return endpoint.url;
  if (callbackUrl !== undefined && takesCallback(endpoint, callbackUrl)) return callbackUrl;
  throw serviceError("WEBHOOK_TARGET_REFUSED", "The host of the callback is not listed any more.");
}

/** The method of deliveries. Its retry policy decides about retries. */
export function deliverMethod(
  deliver: (request: DeliveryRequest, context: Context) => Promise<Delivered>,
): Method {
  return builtInMethod(DELIVER_METHOD, {
    name: "deliver",
    description: "Delivers an event to a webhook endpoint.",
    request: ANY_OBJECT,
    response: ANY_OBJECT,
    retry: { delays: DELIVERY_RETRIES },
    concurrency: LIMITS.webhooksAtOnce,
    run: (request, context) => deliver(request as DeliveryRequest, context),
  });
}

/** Carries out deliveries, one attempt each. */
export class Deliverer {
  readonly #parts: DeliverParts;
  readonly #turns: HostTurns;
  readonly #probes: Probes;
  readonly #consents: Consents;

  constructor(parts: DeliverParts) {
    this.#parts = parts;
    this.#turns = new HostTurns(parts.clock);
    this.#probes = new Probes(parts.clock);
    this.#consents = new Consents(parts);
  }

  /**
   * Posts an event to its endpoint.
   *
   * @throws {StatusError} UNAVAILABLE WEBHOOK_REFUSED, WEBHOOK_UNREACHABLE, WEBHOOK_TARGET_REFUSED,
   *   all of which are retried; FAILED_PRECONDITION WEBHOOK_GONE, WEBHOOK_ENDPOINT_DISABLED;
   *   NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND
   * @throws {Postponed} if the host has no free turn, or the receiver failed too often in a row
   */
  async deliver(
    { endpoint: name, event, url: callbackUrl }: DeliveryRequest,
    { signal }: Context,
  ): Promise<Delivered> {
    const { clock, failing } = this.#parts;
    const endpoint = await this.#endpointOf(name);
    const url = new URL(addressOf(endpoint, callbackUrl));
    // The callbacks of one endpoint may go to many hosts.
    const receiver = `${name} ${url.host}`;
    return this.#turns.take(url.host, async () => {
      this.#probes.enter(receiver);
      const now = clock.now();
      const startedAt = clock.monotonic();
      const message = this.#message(event, endpoint, now);
      const posted = this.#post(url, message, { endpoint, signal });
      const { status, retryAfter } = await posted.catch(async (error: unknown) => {
        if (signal.aborted) throw error;
        this.#probes.failed(receiver);
        await failing.failed(name);
        throw error instanceof StatusError ? error : networkFailure(error);
      });
      if (codeOfHttpStatus(status) === "OK") {
        this.#probes.succeeded(receiver);
        await failing.succeeded(name);
        return { status, durationMs: Math.round(clock.monotonic() - startedAt) };
      }
      this.#probes.failed(receiver);
      throw await this.#refused(endpoint, { status, retryAfter }, now);
    });
  }

  #message(
    event: DeliveryRequest["event"],
    { format, secrets, verify }: KnownEndpoint,
    now: number,
  ): WebhookMessage {
    const { service } = this.#parts;
    const message = webhookMessage(event, { format, secrets: signingSecrets(secrets, now), now, service });
    if (verify === "NONE") return message;
    return { ...message, headers: { ...message.headers, [ORIGIN_HEADER]: service } };
  }

  async #post(
    url: URL,
    message: WebhookMessage,
    { endpoint: { verify }, signal }: { readonly endpoint: KnownEndpoint; readonly signal: AbortSignal },
  ): Promise<Answer> {
    if (verify === "OPTIONS") await this.#consents.require(url, signal);
    return this.#parts.poster.post(url, message, signal);
  }

  async #refused(endpoint: KnownEndpoint, answer: Answer, now: number): Promise<StatusError> {
    const { failing } = this.#parts;
    const failure = answerFailure(answer, now);
    if (failure.reason === "WEBHOOK_GONE") await failing.gone(endpoint.name);
    else await failing.failed(endpoint.name);
    return failure;
  }

  /** The current endpoint. If another process has just created it, this process must look it up. */
  async #endpointOf(name: string): Promise<KnownEndpoint> {
    const { endpoints } = this.#parts;
    const endpoint = endpoints.get(name) ?? (await endpoints.find(name));
    if (endpoint === undefined) throw endpointNotFound(name);
    if (endpoint.state === "ENABLED") return endpoint;
    throw serviceError(
      "WEBHOOK_ENDPOINT_DISABLED",
      `Webhook endpoint "${name}" is disabled: ${endpoint.disableReason}`,
      {
        metadata: { endpoint: name },
      },
    );
  }
}
