import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { tunnelAgents } from "./tunnel.ts";

/** What was to be done in time and was not. */
export class RequestTimeout extends Error {
  override readonly name = "RequestTimeout";
}

/** What requests are sent with. */
export interface SenderParts {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Connections to one host at once. @default no limit but that of those who send */
  readonly connectionsMax?: number;
  /** How long a server has to begin its answer. @default as long as the signal of a request leaves it */
  readonly answerMsMax?: number;
  /** The HTTP proxy that all connections go through (tunnel.ts). @default none, whatever the environment says */
  readonly proxy?: URL | undefined;
}

/** What is sent. */
export interface OutboundRequest {
  /** @default "POST" */
  readonly method?: "GET" | "POST" | "OPTIONS";
  readonly headers: Readonly<Record<string, string>>;
  /** @default "" */
  readonly body?: string;
}

/** How a request goes out. */
export interface Way {
  /** Ends the request, and the answer while it is read. */
  readonly signal: AbortSignal;
  /** Looks the host up. @default the system's own way */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Sends requests to others' servers. A connection is kept for the next request to its host. Redirects are answers like others,
 * and no proxy of the environment is asked.
 */
export class Sender {
  readonly #parts: SenderParts;
  readonly #agents: Readonly<Record<string, http.Agent>>;

  constructor(parts: SenderParts) {
    const { connectionsMax = Number.POSITIVE_INFINITY } = parts;
    const kept = { keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: 2, timeout: 30_000 };
    this.#parts = parts;
    const { proxy, clock } = parts;
    this.#agents =
      proxy === undefined
        ? { "http:": new http.Agent(kept), "https:": new https.Agent(kept) }
        : tunnelAgents({ proxy, clock }, kept);
  }

  /**
   * Sends a request, and gives the answer once its headers are there. Its body is the caller's to read, or to destroy.
   *
   * @throws {RequestTimeout}; the reason of the signal; what `lookup` and the network throw
   */
  async send(url: URL, request: OutboundRequest, way: Way): Promise<http.IncomingMessage> {
    try {
      return await this.#send(url, request, way);
    } catch (error) {
      // The server closed a connection that was kept just when it was used again: nobody has read the request.
      if (!(error instanceof KeptConnectionLost)) throw error;
      return this.#send(url, request, way);
    }
  }

  async #send(
    url: URL,
    { method = "POST", headers, body = "" }: OutboundRequest,
    { signal, lookup }: Way,
  ): Promise<http.IncomingMessage> {
    const { clock, userAgent, answerMsMax } = this.#parts;
    signal.throwIfAborted();
    const bytes = Buffer.from(body);
    const { promise: answered, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method,
      agent: this.#agents[url.protocol],
      ...(lookup === undefined ? {} : { lookup }),
      headers: {
        accept: "*/*",
        "user-agent": userAgent,
        ...headers,
        ...(method === "POST" ? { "content-length": bytes.length } : {}),
      },
    });
    const giveUp = (error: Error): void => {
      reject(error);
      request.destroy(error);
    };
    const late = (ms: number, what: string): Timer => clock.after(ms, () => giveUp(new RequestTimeout(what)));
    const connect = late(LIMITS.outboundConnectMsMax, "no connection");
    const timers = answerMsMax === undefined ? [connect] : [connect, late(answerMsMax, "no answer")];
    const abort = (): void => giveUp(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    const connected = (): void => connect.cancel();
    request.once("socket", (socket) => {
      if (!socket.connecting) connected();
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    request.once("response", resolve);
    request.on("error", (error: NodeJS.ErrnoException) => {
      reject(request.reusedSocket && error.code === "ECONNRESET" ? new KeptConnectionLost() : error);
    });
    request.once("close", () => reject(new Error("The connection was closed without an answer")));
    request.end(bytes);
    try {
      return await answered;
    } finally {
      for (const timer of timers) timer.cancel();
      signal.removeEventListener("abort", abort);
    }
  }

  /** Closes all connections. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

class KeptConnectionLost extends Error {}
