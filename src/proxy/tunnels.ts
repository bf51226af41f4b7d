import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type AllowedHosts, headRefusal } from "../server/listening/host.ts";
import { StatusError } from "../core/error/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { http } from "../server/http.ts";
import { answerError, timedOut, unreachable } from "./failure.ts";
import { pairsOf } from "./headers.ts";
import { type Passing, relay, targetOf } from "./passing.ts";
import type { Upstream } from "./upstream.ts";

/** The parts of tunnels. */
export interface TunnelsParts {
  readonly upstream: Upstream;
  readonly passing: Passing;
  readonly clock: Clock;
  /** How long the upstream may take to agree, or to begin another answer. */
  readonly patienceMs: number;
  /** The `domain` of errors. */
  readonly domain: string;
  /** Undefined allows all. */
  readonly allowedHosts: AllowedHosts | undefined;
}

/**
 * Upgraded connections, such as WebSockets: once the upstream has agreed, bytes flow both ways
 * until one side closes. If the upstream does not agree, its answer is passed on as usual.
 *
 * @see RFC 9110, section 7.8
 */
export class Tunnels {
  readonly #parts: TunnelsParts;
  readonly #open = new Set<Duplex>();

  constructor(parts: TunnelsParts) {
    this.#parts = parts;
  }

  /** @param head the bytes that have arrived after the request */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { upstream, passing, clock, patienceMs, domain, allowedHosts } = this.#parts;
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
    const refuse = (error: StatusError): void => {
      if (!socket.destroyed) answerError(request, this.#response(request, socket), error, domain);
    };
    const full = headRefusal(request, allowedHosts) ?? passing.enter(socket);
    if (full !== undefined) return refuse(full);
    const headers = [
      ...passing.headersOf(request),
      "Connection",
      "Upgrade",
      "Upgrade",
      request.headers.upgrade ?? "",
    ];
    const outgoing = upstream.request({
      method: request.method ?? "GET",
      target: targetOf(request),
      headers,
      isAlone: true,
    });
    const timer = clock.after(patienceMs, () => outgoing.destroy(timedOut(patienceMs)));
    // Nobody reads from the caller yet, and so nobody would see that it hangs up.
    const hangUp = (): void => void socket.destroy();
    socket.on("end", hangUp).read(0);
    socket.on("close", () => outgoing.destroy());
    const answered = (): void => {
      timer.cancel();
      socket.off("end", hangUp);
    };
    outgoing.on("upgrade", (agreed, other, first) => {
      answered();
      join({ agreed, socket, other }, head, first);
    });
    outgoing.on("response", (incoming) => {
      answered();
      relay(request, { incoming, response: this.#response(request, socket), clock });
    });
    outgoing.on("error", (error) => refuse(error instanceof StatusError ? error : unreachable(error)));
    outgoing.on("close", answered);
    outgoing.end();
  }

  /** Cuts all tunnels. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** The number of open tunnels. */
  get size(): number {
    return this.#open.size;
  }

  /** A response over a connection that was not upgraded. It is the last one on this connection. */
  #response(request: IncomingMessage, socket: Duplex): ServerResponse {
    const response = new http.ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.on("finish", () => socket.end());
    return response;
  }
}

/** The two sides of a tunnel, and the upstream's answer. */
interface Ends {
  readonly agreed: IncomingMessage;
  readonly socket: Duplex;
  readonly other: Socket;
}

function join({ agreed, socket, other }: Ends, head: Buffer, first: Buffer): void {
  const lines = [...pairsOf(agreed.rawHeaders)].map(([name, value]) => `${name}: ${value}`);
  const { statusCode, statusMessage } = agreed;
  socket.write([`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, "", ""].join("\r\n"), "latin1");
  if (first.length > 0) socket.write(first);
  if (head.length > 0) other.write(head);
  for (const end of [socket as Socket, other]) {
    end.setTimeout(0);
    end.setNoDelay(true);
  }
  other.on("error", () => socket.destroy());
  other.on("close", () => (socket as Socket).destroySoon());
  socket.on("close", () => other.destroy());
  socket.pipe(other);
  other.pipe(socket);
}
