import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, systemClock } from "../../core/ports/clock.ts";
import { Bag } from "../../core/value/bag.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import { type Address, cannotListen, readAddress } from "./address.ts";
import { answerClientError, refuseConnect } from "./broken-request.ts";
import { Connections, type Http2Connections } from "./connections.ts";
import type { HttpListener } from "../front.ts";
import { http } from "../http.ts";
import { secureContextOf, type TlsPair, tlsOptions } from "./tls.ts";

/**
 * The only file that opens sockets. One port serves HTTP/1.1 and HTTP/2, for REST and gRPC: without TLS they are told apart
 * by the first bytes of a connection, with TLS by what was agreed on in its handshake (ALPN).
 *
 * The server of `node:http` stays the one that listens, so that all its limits and its way of closing hold; only its
 * listener for new connections is replaced by one that looks first.
 */

const UNDER_WAY = Symbol("under way on a port");

/** What a socket is bounded by. Waits are not: these count the arrival of a request, not its answer. */
const SOCKET_LIMITS = {
  maxHeaderSize: LIMITS.headerBytesMax,
  headersTimeout: LIMITS.headersTimeoutMs,
  requestTimeout: LIMITS.requestTimeoutMs,
  keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
  // It is required, but node's own refusal has no body; ours has.
  requireHostHeader: false,
} as const;

/** What becomes something else has no body, which would be read as that. */
const PASSING: ServerOptions = {
  requestTimeout: 0,
  shouldUpgradeCallback: ({ headers }) =>
    headers["content-length"] === undefined && headers["transfer-encoding"] === undefined,
};

/** Where to listen. */
export interface ListenOptions extends Address {
  readonly tell: Tell;
  readonly clock?: Clock;
  /** Takes the connections that speak HTTP/2. @default they are answered as what is not HTTP */
  readonly http2?: Http2Connections | undefined;
  /** @default no TLS */
  readonly tls?: TlsPair | undefined;
  /** What is done with requests that go on elsewhere. @default they are all answered here */
  readonly passes?: Passes | undefined;
}

/**
 * For a port whose requests may go on to another server: a caller who asks whether to send its body is not answered by the port, bodies
 * may take as long as they like, and connections may become something else.
 */
export interface Passes {
  /** Takes a connection that is to become something else, such as a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** An open port. */
export interface Listening {
  readonly address: string;
  readonly port: number;
  /**
   * Serves on, and sends callers elsewhere: connections end with their next answer. For the time that those who choose
   * among servers need to notice.
   */
  drain(): void;
  /**
   * Takes no more connections, closes the idle ones, lets what is under way be answered, and resolves when all are closed.
   *
   * @param options.graceMs connections that are still busy after this are cut. @default forever
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /**
   * Presents another certificate to connections that come from now on.
   *
   * @throws {TypeError} when key and certificate do not fit, and then the old ones stay; when the port has no TLS
   */
  renewTls(pair: TlsPair): void;
}

/**
 * Opens a port and hands each request to `listener`.
 *
 * @throws {TypeError} when the address is taken, not ours or not allowed, or when key and certificate do not fit, saying
 *   what to do
 */
export async function listen(listener: HttpListener, options: ListenOptions): Promise<Listening> {
  const { tell, clock = systemClock, tls } = options;
  const server = newServer(options);
  const connections = new Connections(server, { clock, http2: options.http2, isSecure: tls !== undefined });
  tellConnections(server, { tell, clock, protocol: tls === undefined ? "http" : "https" });
  const underWay = new Bag<ServerResponse>(UNDER_WAY);
  let closed: Promise<void> | undefined;
  let draining = false;
  // One function for all of them, since each request pays for it.
  const forget = function (this: ServerResponse): void {
    underWay.delete(this);
    // One whose answer had begun before we stopped is kept alive by the protocol, and idle now.
    if (closed !== undefined) server.closeIdleConnections();
  };
  onRequest(
    server,
    (request, response) => {
      if (draining) response.setHeader("connection", "close");
      listener(request, response);
      // What has left already is not under way.
      if (response.writableEnded && response.writableLength === 0) return;
      underWay.add(response);
      response.on("close", forget);
    },
    options.passes,
  );
  const { address, port } = await opened(server, options);
  server.on("error", (error) => tell["server.socket-failed"]?.({ error }));
  return {
    address,
    port,
    drain: () => {
      draining = true;
      closeAfterAnswer(underWay);
    },
    close: ({ graceMs } = {}) => {
      draining = true;
      return (closed ??= closeServer(server, { connections, underWay, clock, graceMs }));
    },
    renewTls: (pair) => {
      if (!("setSecureContext" in server)) throw new TypeError("The port was opened without TLS");
      (server as HttpsServer).setSecureContext(secureContextOf(pair));
    },
  };
}

type HttpsServer = Server & Pick<import("node:https").Server, "setSecureContext">;

/** @throws {TypeError} */
function newServer({ tls, http2, passes }: ListenOptions): Server {
  const limits = passes === undefined ? SOCKET_LIMITS : { ...SOCKET_LIMITS, ...PASSING };
  if (tls === undefined) return http.createServer(limits);
  const https = process.getBuiltinModule("node:https");
  const server = https.createServer({ ...limits, ...tlsOptions(tls, http2 !== undefined) });
  // Node would answer a broken handshake as a broken request, in clear text.
  server.removeAllListeners("tlsClientError");
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

function tellConnections(
  server: Server,
  how: { readonly tell: Tell; readonly clock: Clock; readonly protocol: string },
): void {
  const { tell, clock, protocol } = how;
  server.on("connection", (socket) => {
    tell["connection.opened"]?.({ protocol });
    // A listener and its closure for each connection, only where there is a use for them.
    if (tell["connection.closed"] === undefined) return;
    const openedAt = clock.monotonic();
    socket.on("close", () =>
      tell["connection.closed"]?.({ protocol, durationMs: clock.monotonic() - openedAt }),
    );
  });
}

function onRequest(server: Server, take: HttpListener, passes: Passes | undefined): void {
  server.on("request", take);
  if (passes !== undefined) server.on("upgrade", (...asked) => passes.upgrade(...asked));
  server.on("checkContinue", (request, response) => {
    if (passes !== undefined) return take(request, response);
    // What is too large for any call is not even sent, and since it never comes the connection ends.
    if (Number(request.headers["content-length"] ?? 0) > LIMITS.batchBytesMax) {
      response.setHeader("connection", "close");
    } else if (response.socket !== null) {
      // One that waits behind another has no socket yet, and node would send the line in the midst of its answer.
      response.writeContinue();
    }
    take(request, response);
  });
  // Expectations that we do not know are no reason to refuse (RFC 9110, section 10.1.1).
  server.on("checkExpectation", take);
  server.on("connect", (_request, socket) => refuseConnect(socket));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) =>
    answerClientError(error, socket),
  );
}

async function opened(server: NetServer, given: Address): Promise<AddressInfo> {
  const address = readAddress(given);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: NodeJS.ErrnoException): void => reject(cannotListen(error, address));
  server.once("error", fail);
  server.listen(address, resolve);
  await promise;
  server.off("error", fail);
  return server.address() as AddressInfo;
}

/** Has the connections of what is under way closed once it is answered. */
function closeAfterAnswer(underWay: Iterable<ServerResponse>): void {
  for (const response of underWay) {
    if (!response.headersSent) response.setHeader("connection", "close");
  }
}

async function closeServer(
  server: Server,
  parts: {
    readonly connections: Connections;
    readonly underWay: Iterable<ServerResponse>;
    readonly clock: Clock;
    readonly graceMs?: number | undefined;
  },
): Promise<void> {
  const { connections, underWay, clock, graceMs } = parts;
  const { promise, resolve } = Promise.withResolvers<void>();
  closeAfterAnswer(underWay);
  connections.close();
  // Closes the idle connections as well.
  server.close(() => resolve());
  const cutAll = (): void => {
    connections.cut();
    server.closeAllConnections();
  };
  const cut = graceMs === undefined ? undefined : clock.after(graceMs, cutAll);
  await promise;
  cut?.cancel();
}
