import type { IncomingMessage } from "node:http";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { discardBody } from "../../outbound/discard.ts";
import { type OutboundRequest, Sender } from "../../outbound/sender.ts";
import type { WebhookMessage } from "./message.ts";
import type { Targets } from "./target.ts";

/**
 * The header that names the sender to receivers whose consent is required.
 *
 * @see CloudEvents 1.0.2, "HTTP 1.1 Web Hooks", section 4.1.2
 */
export const ORIGIN_HEADER = "webhook-request-origin";

/** The answer of a receiver. Its body is ignored. */
export interface Answer {
  readonly status: number;
  /** The header `Retry-After`, unchanged. */
  readonly retryAfter: string | undefined;
}

/** The parts for posting. */
export interface PostParts {
  readonly targets: Targets;
  readonly clock: Clock;
  readonly userAgent: string;
  /** The proxy that all connections go through. @default none */
  readonly proxy?: URL | undefined;
}

/** Posts messages. A connection that is kept alive leads to an address that was checked. */
export class Poster {
  readonly #parts: PostParts;
  readonly #sender: Sender;

  constructor(parts: PostParts) {
    this.#parts = parts;
    this.#sender = new Sender({
      ...parts,
      connectionsMax: LIMITS.webhooksAtOncePerHost,
      answerMsMax: LIMITS.webhookAnswerMsMax,
    });
  }

  /**
   * Posts a message.
   *
   * @throws {TargetRefused} if the receiver may not be reached; RequestTimeout; errors of the
   * network
   */
  async post(url: URL, message: WebhookMessage, signal: AbortSignal): Promise<Answer> {
    const response = await this.#send(url, message, signal);
    return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
  }

  /**
   * Asks a receiver whether it wants events of an origin.
   *
   * @returns the header `WebHook-Allowed-Origin`
   * @throws as {@link post}
   */
  async ask(url: URL, origin: string, signal: AbortSignal): Promise<string | undefined> {
    const headers = { [ORIGIN_HEADER]: origin };
    const response = await this.#send(url, { method: "OPTIONS", headers }, signal);
    const allowed = response.headers["webhook-allowed-origin"];
    return typeof allowed === "string" ? allowed.trim() : undefined;
  }

  async #send(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { targets, clock } = this.#parts;
    targets.checkLiteral(url);
    const response = await this.#sender.send(url, request, { signal, lookup: targets.lookup(url) });
    discardBody(response, clock);
    return response;
  }

  /** Closes all connections. */
  close(): void {
    this.#sender.close();
  }
}
