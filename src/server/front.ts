import type { IncomingMessage, ServerResponse } from "node:http";
import { DOMAIN_DEFAULT, serviceError, type StatusError } from "../core/error/error.ts";
import { httpStatusOfError } from "../wire/code.ts";
import { errorBody } from "../wire/error-body.ts";
import { nameHost } from "./http2/message.ts";
import { type AllowedHosts, headRefusal } from "./listening/host.ts";
import type { Share } from "./sharing/share.ts";
import type { Shares } from "./sharing/shares.ts";
import { answerAtStop, type Stop, type Stops } from "./stops/stop.ts";
import { splitTarget } from "./target.ts";

/** A request handler for `node:http`, and for `node:http2` through its compatibility API. */
export type HttpListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request, its response, and the share of its connection. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly share: Share;
}

/** Answers requests of one interface, such as REST. */
export type Edge = (exchange: Exchange) => void;

/** The edges behind the front, and the handlers before them. */
export interface Edges {
  /** Single addresses that are answered before all edges, without credentials. @default none */
  readonly stops?: Stops;
  /** Answers requests of operators, and returns whether it did. @default none */
  readonly admin?: (exchange: Exchange) => boolean;
  /** @default all other requests are rejected */
  readonly rest?: Edge;
}

/**
 * The first handler of every HTTP request, of any HTTP version and any server: it finds the share
 * of the connection and passes the request to a stop or to its edge. A request whose connection has
 * closed is dropped.
 */
export function front(edges: Edges, shares: Shares): HttpListener {
  const { stops = new Map<string, Stop>(), admin = () => false, rest = refuseAll } = edges;
  const lengthMax = Math.max(0, ...[...stops.keys()].map((path) => path.length));
  return (request, response) => {
    const share = shares.of(request);
    if (share === undefined) return;
    if (request.httpVersionMajor >= 2) nameHost(request);
    const exchange = { request, response, share };
    const [path, query] = splitTarget(request.url ?? "");
    // Most paths are longer than that of any stop, which saves the lookup.
    const stop = path.length > lengthMax ? undefined : stops.get(path);
    if (stop !== undefined) answerAtStop(stop, query, exchange);
    else if (!admin(exchange)) rest(exchange);
  };
}

const refuseAll: Edge = ({ request, response }) => nothingThere(request, response);

/** Answers a request for an address that the service does not have. */
export function nothingThere(request: IncomingMessage, response: ServerResponse): void {
  const path = splitTarget(request.url ?? "")[0].slice(0, 200);
  refuse(
    request,
    response,
    serviceError("PATH_NOT_FOUND", `Nothing is at "${path}".`, { metadata: { path } }),
  );
}

/**
 * Runs before the front on ports that the service opens itself: rejects requests whose head makes
 * them impossible to serve. Servers of users check hosts themselves.
 *
 * @param allowedHosts undefined allows all hosts
 */
export function guarded(listener: HttpListener, allowedHosts: AllowedHosts | undefined): HttpListener {
  return (request, response) => {
    if (request.httpVersionMajor >= 2) nameHost(request);
    const refusal = headRefusal(request, allowedHosts);
    if (refusal === undefined) listener(request, response);
    else refuse(request, response, refusal);
  };
}

/** The media type of errors outside of all edges. */
export const ERROR_TYPE = "application/json; charset=UTF-8";

/**
 * Answers a request that reaches no edge. Over HTTP/1.1 the connection is closed, because the rest
 * of its bytes may be anything.
 */
export function refuse(
  { httpVersionMajor }: Pick<IncomingMessage, "httpVersionMajor">,
  response: ServerResponse,
  refusal: StatusError,
): void {
  const body = errorBody(refusal, { format: 2, domain: DOMAIN_DEFAULT });
  const headers = { "content-type": ERROR_TYPE, "content-length": Buffer.byteLength(body) };
  const end = httpVersionMajor < 2 ? { connection: "close" } : {};
  const later = refusal.code === "UNAVAILABLE" ? { "retry-after": "1" } : {};
  response.writeHead(httpStatusOfError(refusal), { ...headers, ...later, ...end }).end(body);
}
