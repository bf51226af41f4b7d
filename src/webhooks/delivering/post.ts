import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { discardBody } from "../../outbound/discard.ts";
import { Sender } from "../../outbound/sender.ts";
import type { WebhookMessage } from "./message.ts";
import type { Targets } from "./target.ts";

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
    const { targets, clock } = this.#parts;
    targets.checkLiteral(url);
    const response = await this.#sender.send(url, message, { signal, lookup: targets.lookup(url) });
    discardBody(response, clock);
    return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
  }

  /** Closes all connections. */
  close(): void {
    this.#sender.close();
  }
}
