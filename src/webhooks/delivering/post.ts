import http from "node:http";
import https from "node:https";
import { LIMITS } from "../../core/limits.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { WebhookMessage } from "./message.ts";
import type { Targets } from "./target.ts";

/** What a receiver answered. Its body is nobody's business. */
export interface Answer {
  readonly status: number;
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
}

/** What was to be done in time and was not. */
export class PostTimeout extends Error {
  override readonly name = "PostTimeout";
}

/** What posting takes. */
export interface PostParts {
  readonly targets: Targets;
  readonly clock: Clock;
  readonly userAgent: string;
}

/**
 * Posts messages. A connection is kept for the next message to its host: it leads to an address that was judged. Redirects are
 * answers like others, and no proxy of the environment is asked.
 */
export class Poster {
  readonly #parts: PostParts;
  readonly #agents: Readonly<Record<string, http.Agent>>;

  constructor(parts: PostParts) {
    const kept = {
      keepAlive: true,
      maxSockets: LIMITS.webhooksAtOncePerHost,
      maxFreeSockets: 2,
      timeout: 30_000,
    };
    this.#parts = parts;
    this.#agents = { "http:": new http.Agent(kept), "https:": new https.Agent(kept) };
  }

  /**
   * Posts a message.
   *
   * @throws {TargetRefused} where the receiver may not be reached; {@link PostTimeout}; what the network throws
   */
  async post(url: URL, message: WebhookMessage, signal: AbortSignal): Promise<Answer> {
    this.#parts.targets.checkLiteral(url);
    try {
      return await this.#post(url, message, signal);
    } catch (error) {
      // The receiver closed a connection that was kept just when it was used again: nobody has read the message.
      if (!(error instanceof KeptConnectionLost)) throw error;
      return this.#post(url, message, signal);
    }
  }

  async #post(url: URL, message: WebhookMessage, signal: AbortSignal): Promise<Answer> {
    const { targets, clock, userAgent } = this.#parts;
    const body = Buffer.from(message.body);
    const { promise: answered, resolve, reject } = Promise.withResolvers<Answer>();
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method: "POST",
      agent: this.#agents[url.protocol],
      lookup: targets.lookup(url),
      headers: { ...message.headers, "content-length": body.length, "user-agent": userAgent, accept: "*/*" },
    });
    const giveUp = (error: Error): void => {
      reject(error);
      request.destroy(error);
    };
    const timers: Timer[] = [
      clock.after(LIMITS.webhookAnswerMsMax, () => giveUp(new PostTimeout("no answer"))),
    ];
    const connect = clock.after(LIMITS.webhookConnectMsMax, () => giveUp(new PostTimeout("no connection")));
    timers.push(connect);
    const abort = (): void => giveUp(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    const connected = (): void => connect.cancel();
    request.once("socket", (socket) => {
      if (!socket.connecting) connected();
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    request.once("response", (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] });
      readSome(response, clock);
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      reject(request.reusedSocket && error.code === "ECONNRESET" ? new KeptConnectionLost() : error);
    });
    request.once("close", () => reject(new Error("The connection was closed without an answer")));
    request.end(body);
    try {
      return await answered;
    } finally {
      for (const timer of timers) timer.cancel();
      signal.removeEventListener("abort", abort);
    }
  }

  /** Lets go of the connections that are kept. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

class KeptConnectionLost extends Error {}

/** Reads a short body, so that the connection can be used again; a longer one, or a slow one, ends it. */
function readSome(response: http.IncomingMessage, clock: Clock): void {
  const cut = clock.after(LIMITS.webhookBodyMsMax, () => response.destroy());
  response.once("close", () => cut.cancel());
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.webhookAnswerBytesMax) response.destroy();
  });
  response.on("error", () => response.destroy());
}
