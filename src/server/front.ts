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

/** A handler of requests of `node:http`, and of `node:http2` in the likeness of these. */
export type HttpListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request, the answer to it, and the share of its connection. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly share: Share;
}

/** Answers requests of one interface, such as REST. */
export type Edge = (exchange: Exchange) => void;

/** The edges behind the front, and what comes before them. */
export interface Edges {
  /** Single addresses that are answered before any edge is asked, without credentials. @default none */
  readonly stops?: Stops;
  /** Answers what is the operators', and says whether it did. @default nothing is */
  readonly admin?: (exchange: Exchange) => boolean;
  /** @default nothing else is there */
  readonly rest?: Edge;
}

/**
 * The first stop of every HTTP request, whichever version of HTTP and whichever server it came by: finds the share of
 * its connection and hands it to a stop or to its edge. A request whose connection is gone is dropped.
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
    // Most addresses are longer than that of any stop, and are not even looked for.
    const stop = path.length > lengthMax ? undefined : stops.get(path);
    if (stop !== undefined) answerAtStop(stop, query, exchange);
    else if (!admin(exchange)) rest(exchange);
  };
}

function refuseAll({ request, response }: Exchange): void {
  const path = splitTarget(request.url ?? "")[0].slice(0, 200);
  refuse(
    request,
    response,
    serviceError("PATH_NOT_FOUND", `Nothing is at "${path}".`, { metadata: { path } }),
  );
}

/**
 * Stands before the front on ports of our own: refuses what the head of a request makes impossible to serve. Servers of
 * others check hosts as they like.
 *
 * @param allowedHosts undefined for all hosts
 */
export function guarded(listener: HttpListener, allowedHosts: AllowedHosts | undefined): HttpListener {
  return (request, response) => {
    if (request.httpVersionMajor >= 2) nameHost(request);
    const refusal = headRefusal(request, allowedHosts);
    if (refusal === undefined) listener(request, response);
    else refuse(request, response, refusal);
  };
}

/** The media type of errors that no edge has a say in. */
export const ERROR_TYPE = "application/json; charset=UTF-8";

/** Answers a request that reaches no edge. In HTTP/1.1 its connection ends: what comes behind it may be anything. */
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
