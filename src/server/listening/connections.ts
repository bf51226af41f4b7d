import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../core/ports/clock.ts";
import { answerClientError } from "./broken-request.ts";
import { FirstBytes } from "./first-bytes.ts";

/** The server of HTTP/2 connections. */
export interface Http2Connections {
  /** Serves a connection from its first byte. The socket is paused. */
  take(socket: Socket): void;
  /** Accepts no more connections, and closes each one when its calls in progress are answered. */
  close(): void;
}

/** Passes each new connection to its server. */
export class Connections {
  readonly #http2: Http2Connections | undefined;
  readonly #http2Sockets = new Set<Socket>();
  readonly #firstBytes: FirstBytes | undefined;

  constructor(
    server: Server,
    how: { readonly clock: Clock; readonly http2: Http2Connections | undefined; readonly isSecure: boolean },
  ) {
    const { clock, http2, isSecure } = how;
    this.#http2 = http2;
    if (http2 === undefined) return;
    const event = isSecure ? "secureConnection" : "connection";
    const node = server.listeners(event) as ((socket: Socket) => void)[];
    const http1 = (socket: Socket): void => {
      for (const each of node) each.call(server, socket);
    };
    server.removeAllListeners(event);
    if (isSecure) {
      server.on(event, (socket) =>
        socket.alpnProtocol === "h2" ? this.#take(socket, http2) : http1(socket),
      );
      return;
    }
    const firstBytes = new FirstBytes(
      {
        http1: (socket) => {
          http1(socket);
          socket.resume();
        },
        http2: (socket) => this.#take(socket, http2),
        late: (socket) => {
          answerClientError({ code: "ERR_HTTP_REQUEST_TIMEOUT" }, socket, clock);
          // Otherwise nothing would notice when the other side closes.
          socket.destroySoon();
        },
      },
      clock,
    );
    this.#firstBytes = firstBytes;
    server.on(event, (socket) => firstBytes.look(socket));
  }

  /**
   * Closes connections without any request, and HTTP/2 connections when their calls in progress are
   * answered.
   */
  close(): void {
    this.#firstBytes?.close();
    this.#http2?.close();
  }

  /** Cuts the HTTP/2 connections; Node cuts those of HTTP/1.1. */
  cut(): void {
    for (const socket of this.#http2Sockets) socket.destroy();
  }

  #take(socket: Socket, http2: Http2Connections): void {
    this.#http2Sockets.add(socket);
    // Only HTTP/1.1 needs half-open sockets; a session would not notice that the other side has
    // closed.
    socket.allowHalfOpen = false;
    socket.on("close", () => this.#http2Sockets.delete(socket));
    // Its server may not be loaded yet, and an error without a listener ends the process.
    socket.on("error", () => socket.destroy());
    http2.take(socket);
  }
}
