import type { IncomingMessage } from "node:http";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Sender } from "../../outbound/sender.ts";
import type { WebhookMessage } from "./message.ts";
import type { Targets } from "./target.ts";

/** What a receiver answered. Its body is nobody's business. */
export interface Answer {
  readonly status: number;
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
}

/** What posting takes. */
export interface PostParts {
  readonly targets: Targets;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** Posts messages. A connection that is kept leads to an address that was judged. */
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
   * @throws {TargetRefused} where the receiver may not be reached; RequestTimeout; what the network throws
   */
  async post(url: URL, message: WebhookMessage, signal: AbortSignal): Promise<Answer> {
    const { targets, clock } = this.#parts;
    targets.checkLiteral(url);
    const response = await this.#sender.send(url, message, { signal, lookup: targets.lookup(url) });
    readSome(response, clock);
    return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
  }

  /** Closes all connections. */
  close(): void {
    this.#sender.close();
  }
}

/** Reads a short body, so that the connection can be used again; a longer one, or a slow one, ends it. */
function readSome(response: IncomingMessage, clock: Clock): void {
  const cut = clock.after(LIMITS.webhookBodyMsMax, () => response.destroy());
  response.once("close", () => cut.cancel());
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.webhookAnswerBytesMax) response.destroy();
  });
  response.on("error", () => response.destroy());
}
