import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, systemClock } from "../core/clock.ts";
import { DOMAIN_DEFAULT, type Reason, serviceError } from "../core/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { httpStatusOfError } from "../wire/code.ts";
import { errorBody } from "../wire/error-body.ts";

/**
 * The only file that opens sockets. The one cleartext port for REST and gRPC, told apart by the HTTP/2 preface, is to be
 * made here: what arrives is handed either to `server.emit("connection", …)` or to the gRPC server's connection injector.
 */

/** What a socket is bounded by. Waits are not: these count the arrival of a request, not its answer. */
const SOCKET_LIMITS = {
  maxHeaderSize: LIMITS.headerBytesMax,
  headersTimeout: LIMITS.headersTimeoutMs,
  requestTimeout: LIMITS.requestTimeoutMs,
  keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
  // It is required, but node's own refusal has no body; ours has.
  requireHostHeader: false,
} as const;

/** Where to listen. */
export interface ListenOptions {
  /** A name or address of this machine; `0.0.0.0` or `::` for all of them. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly log: Log;
  readonly clock?: Clock;
}

/** An open port. */
export interface Listening {
  readonly address: string;
  readonly port: number;
  /**
   * Takes no more connections, closes the idle ones, lets what is under way be answered, and resolves when all are closed.
   *
   * @param options.graceMs connections that are still busy after this are cut. @default forever
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Opens a port and hands each request to `listener`.
 *
 * @throws {TypeError} when the address is taken, not ours or not allowed, saying what to do
 */
export async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  options: ListenOptions,
): Promise<Listening> {
  const { log, clock = systemClock } = options;
  const server = createServer(SOCKET_LIMITS);
  const underWay = new Set<ServerResponse>();
  let closed: Promise<void> | undefined;
  // One function for all of them, since each request pays for it.
  const forget = function (this: ServerResponse): void {
    underWay.delete(this);
    // One whose answer had begun before we stopped is kept alive by the protocol, and idle now.
    if (closed !== undefined) server.closeIdleConnections();
  };
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    underWay.add(response);
    if (closed !== undefined) response.setHeader("connection", "close");
    response.on("close", forget);
    if (request.headers.host === undefined && request.httpVersion === "1.1") refuseHostless(response);
    else listener(request, response);
  };
  server.on("request", take);
  server.on("checkContinue", (request, response) => {
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
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => answerClientError(error, socket));
  const { address, port } = await opened(server, options);
  server.on("error", (error) => log.error("The listening socket failed", { error }));
  return {
    address,
    port,
    close: ({ graceMs } = {}) => (closed ??= closeServer(server, { underWay, clock, graceMs })),
  };
}

async function opened(server: Server, { host, port }: ListenOptions): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: NodeJS.ErrnoException): void => reject(cannotListen(error, host, port));
  server.once("error", fail);
  server.listen({ host, port }, resolve);
  await promise;
  server.off("error", fail);
  return server.address() as AddressInfo;
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there; stop it, or take another port (0 for any free one)",
  EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 stands for all it has, 127.0.0.1 for itself",
  ENOTFOUND: "there is no host of that name; 0.0.0.0 stands for all addresses, 127.0.0.1 for this machine",
  EACCES: "ports below 1024 need a privilege; take a higher one",
};

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): TypeError {
  const advice = ADVICE[cause.code ?? ""] ?? cause.message;
  return new TypeError(`Cannot listen on ${host}:${port}: ${advice}`, { cause });
}

async function closeServer(
  server: Server,
  parts: {
    readonly underWay: Iterable<ServerResponse>;
    readonly clock: Clock;
    readonly graceMs?: number | undefined;
  },
): Promise<void> {
  const { underWay, clock, graceMs } = parts;
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const response of underWay) {
    if (!response.headersSent) response.setHeader("connection", "close");
  }
  // Closes the idle connections as well.
  server.close(() => resolve());
  const cut = graceMs === undefined ? undefined : clock.after(graceMs, () => server.closeAllConnections());
  await promise;
  cut?.cancel();
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [reason: Reason, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "HEADERS_TOO_LARGE",
    `The address and headers are too large: ${LIMITS.headerBytesMax} bytes at most.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["REQUEST_TIMED_OUT", "The request did not arrive in time."],
};

const MALFORMED = ["REQUEST_MALFORMED", "The request is not HTTP."] as const;

/** @see RFC 9112, section 3.2 */
function refuseHostless(response: ServerResponse): void {
  const refusal = serviceError(
    "REQUEST_MALFORMED",
    "The request has no Host header, which HTTP/1.1 requires.",
  );
  const headers = { "content-type": JSON_TYPE, connection: "close" };
  response.writeHead(httpStatusOfError(refusal), headers).end(errorBody(refusal, ERROR_VIEW));
}

const JSON_TYPE = "application/json; charset=UTF-8";
const ERROR_VIEW = { format: 2, domain: DOMAIN_DEFAULT } as const;

/** What is no HTTP never reaches a listener. It is answered in the form of all errors, and the connection ends. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [reason, message] = CLIENT_ERRORS[error.code ?? ""] ?? MALFORMED;
  const refusal = serviceError(reason, message);
  const status = httpStatusOfError(refusal);
  const body = errorBody(refusal, ERROR_VIEW);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${JSON_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
