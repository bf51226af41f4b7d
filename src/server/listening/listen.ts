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
import { linger } from "./lingering.ts";
import type { HttpListener } from "../front.ts";
import { http } from "../http.ts";
import { secureContextOf, type TlsPair, tlsOptions } from "./tls.ts";

/**
 * The only file that opens sockets. One port serves HTTP/1.1 and HTTP/2, for REST and gRPC: without
 * TLS they are distinguished by the first bytes of a connection, with TLS by the protocol
 * negotiated in the handshake (ALPN).
 *
 * The server of `node:http` still listens, so that its limits and its way of closing apply; only
 * its handler of new connections is replaced by one that examines the first bytes.
 */

const UNDER_WAY = Symbol("under way on a port");

/**
 * The limits of a socket. They limit the arrival of a request, not its answer, and so not waits.
 */
const SOCKET_LIMITS = {
  maxHeaderSize: LIMITS.headerBytesMax,
  headersTimeout: LIMITS.headersTimeoutMs,
  requestTimeout: LIMITS.requestTimeoutMs,
  keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
  // A host is required, but Node's own answer has no body; ours has.
  requireHostHeader: false,
} as const;

/** An upgraded request has no body, so the bytes after its head must not be read as one. */
const PASSING: ServerOptions = {
  requestTimeout: 0,
  shouldUpgradeCallback: ({ headers }) =>
    headers["content-length"] === undefined && headers["transfer-encoding"] === undefined,
};

/** The options of a port. */
export interface ListenOptions extends Address {
  readonly tell: Tell;
  readonly clock?: Clock;
  /** Takes connections that speak HTTP/2. @default they are answered like invalid HTTP */
  readonly http2?: Http2Connections | undefined;
  /** @default no TLS */
  readonly tls?: TlsPair | undefined;
  /**
   * The handling of requests that are passed on to another server. @default all requests are
   * answered here
   */
  readonly passes?: Passes | undefined;
}

/**
 * For a port that passes requests on to another server: the port does not answer `Expect:
 * 100-continue` itself, bodies may take any time, and connections may be upgraded.
 */
export interface Passes {
  /** Takes a connection to upgrade, such as to a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** An open port. */
export interface Listening {
  readonly address: string;
  readonly port: number;
  /**
   * Keeps serving, but sends callers elsewhere: connections close after their next answer. Use it
   * for the time that load balancers need to notice.
   */
  drain(): void;
  /**
   * Accepts no more connections, closes idle ones, lets calls in progress be answered, and resolves
   * when all are closed.
   *
   * @param options.graceMs connections that are still busy after this time are cut. @default never
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /**
   * Uses another certificate for new connections.
   *
   * @throws {TypeError} if key and certificate do not match, and then the old ones stay; or if the
   * port has no TLS
   */
  renewTls(pair: TlsPair): void;
}

/**
 * Opens a port and passes each request to `listener`.
 *
 * @throws {TypeError} with the remedy if the address is taken, not of this machine or not allowed,
 *   or if key and certificate do not match
 */
export async function listen(listener: HttpListener, options: ListenOptions): Promise<Listening> {
  const { tell, clock = systemClock, tls } = options;
  const server = newServer(options);
  const connections = new Connections(server, { clock, http2: options.http2, isSecure: tls !== undefined });
  tellConnections(server, { tell, clock, protocol: tls === undefined ? "http" : "https" });
  const underWay = new Bag<ServerResponse>(UNDER_WAY);
  let closed: Promise<void> | undefined;
  let draining = false;
  // One shared function, because creating one would cost each request.
  const forget = function (this: ServerResponse): void {
    underWay.delete(this);
    // If its answer had begun before the stop, the connection was kept alive and is idle now.
    if (closed !== undefined) server.closeIdleConnections();
  };
  const lingers = function (this: ServerResponse): void {
    linger(this, clock);
  };
  onRequest(
    server,
    (request, response) => {
      if (draining) response.setHeader("connection", "close");
      // Before Node's own listener, which closes the connection.
      if (mayHaveBody(request)) response.prependListener("finish", lingers);
      listener(request, response);
      // An answer that has already left is not in progress.
      if (response.writableEnded && response.writableLength === 0) return;
      underWay.add(response);
      response.on("close", forget);
    },
    { clock, passes: options.passes },
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
  // Node would answer a failed handshake like an invalid request, in clear text.
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
    // Add a listener to each connection only if something uses it.
    if (tell["connection.closed"] === undefined) return;
    const openedAt = clock.monotonic();
    socket.on("close", () =>
      tell["connection.closed"]?.({ protocol, durationMs: clock.monotonic() - openedAt }),
    );
  });
}

function onRequest(
  server: Server,
  take: HttpListener,
  { clock, passes }: { readonly clock: Clock; readonly passes: Passes | undefined },
): void {
  server.on("request", take);
  if (passes !== undefined) server.on("upgrade", (...asked) => passes.upgrade(...asked));
  server.on("checkContinue", (request, response) => {
    if (passes !== undefined) return take(request, response);
    // Do not ask for a body that is too large for any call; because it never arrives, close the
    // connection.
    if (Number(request.headers["content-length"] ?? 0) > LIMITS.batchBytesMax) {
      response.setHeader("connection", "close");
    } else if (response.socket !== null) {
      // A request that waits behind another has no socket yet, and Node would write the line into
      // the middle of the other's answer.
      response.writeContinue();
    }
    take(request, response);
  });
  // Unknown expectations are not a reason to reject a request (RFC 9110, section 10.1.1).
  server.on("checkExpectation", take);
  server.on("connect", (_request, socket) => refuseConnect(socket));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) =>
    answerClientError(error, socket, clock),
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

function mayHaveBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** Closes the connections of requests in progress after their answers. */
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
  // Also closes the idle connections.
  server.close(() => resolve());
  const cutAll = (): void => {
    connections.cut();
    server.closeAllConnections();
  };
  const cut = graceMs === undefined ? undefined : clock.after(graceMs, cutAll);
  await promise;
  cut?.cancel();
}
