import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { tunnelAgents } from "./tunnel.ts";

/** A part of a request exceeded its time. */
export class RequestTimeout extends Error {
  override readonly name = "RequestTimeout";
}

/** The parts of {@link Sender}. */
export interface SenderParts {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Concurrent connections to one host. @default no limit */
  readonly connectionsMax?: number;
  /** Idle connections to keep for one host. @default 2 */
  readonly freeConnectionsMax?: number;
  /** The time for a server to begin its answer. @default until the signal of the request */
  readonly answerMsMax?: number;
  /**
   * The HTTP proxy for all connections (tunnel.ts). @default none, regardless of the environment
   */
  readonly proxy?: URL | undefined;
  /** Variables such as HTTPS_PROXY and NO_PROXY. @default none: they are ignored */
  readonly proxyEnv?: http.AgentOptions["proxyEnv"];
}

/** A request to send. */
export interface OutboundRequest {
  /** @default "POST" */
  readonly method?: "GET" | "POST" | "DELETE" | "OPTIONS";
  readonly headers: Readonly<Record<string, string>>;
  /** @default "" */
  readonly body?: string;
}

/** The conditions of a request. */
export interface Way {
  /** Aborts the request, and the read of its answer. */
  readonly signal: AbortSignal;
  /** Looks up the host. @default the system's lookup */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Sends requests to other servers. It keeps connections for later requests to the same host.
 * Redirects are returned like other answers.
 */
export class Sender {
  readonly #parts: SenderParts;
  readonly #agents: Readonly<Record<string, http.Agent>>;

  constructor(parts: SenderParts) {
    const { connectionsMax = Number.POSITIVE_INFINITY, freeConnectionsMax = 2, proxyEnv } = parts;
    const kept = {
      keepAlive: true,
      maxSockets: connectionsMax,
      maxFreeSockets: freeConnectionsMax,
      timeout: 30_000,
      proxyEnv,
    };
    this.#parts = parts;
    const { proxy, clock } = parts;
    this.#agents =
      proxy === undefined
        ? { "http:": new http.Agent(kept), "https:": new https.Agent(kept) }
        : tunnelAgents({ proxy, clock }, kept);
  }

  /**
   * Sends a request, and returns the answer after its headers. The caller must read or destroy the
   * body.
   *
   * @throws {RequestTimeout}; the reason of the signal; errors of `lookup` and of the network
   */
  async send(url: URL, request: OutboundRequest, way: Way): Promise<http.IncomingMessage> {
    try {
      return await this.#send(url, request, way);
    } catch (error) {
      // The server closed an idle connection just when it was reused, so it has not read the
      // request.
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
