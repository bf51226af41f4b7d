import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../core/ports/clock.ts";
import { answerClientError } from "./broken-request.ts";
import { FirstBytes } from "./first-bytes.ts";

/** Who serves connections that speak HTTP/2. */
export interface Http2Connections {
  /** Serves a connection from its first byte on. It is paused. */
  take(socket: Socket): void;
  /** Takes no more, and closes each connection when what is under way over it is answered. */
  close(): void;
}

/** Leads each new connection to whom it belongs. */
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
          answerClientError({ code: "ERR_HTTP_REQUEST_TIMEOUT" }, socket);
          // Nobody would notice the other side's end.
          socket.destroySoon();
        },
      },
      clock,
    );
    this.#firstBytes = firstBytes;
    server.on(event, (socket) => firstBytes.look(socket));
  }

  /** Closes those that nobody has asked anything over, and HTTP/2 ones when what is under way is answered. */
  close(): void {
    this.#firstBytes?.close();
    this.#http2?.close();
  }

  /** Cuts the HTTP/2 ones; those of HTTP/1.1 are node's. */
  cut(): void {
    for (const socket of this.#http2Sockets) socket.destroy();
  }

  #take(socket: Socket, http2: Http2Connections): void {
    this.#http2Sockets.add(socket);
    // As servers of HTTP/1.1 need it; a session would not see that the other side has gone.
    socket.allowHalfOpen = false;
    socket.on("close", () => this.#http2Sockets.delete(socket));
    // Whoever serves it may not be there yet, and an error that nobody hears ends the process.
    socket.on("error", () => socket.destroy());
    http2.take(socket);
  }
}
