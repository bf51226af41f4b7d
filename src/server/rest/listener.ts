import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { serviceError, StatusError } from "../../core/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import type { Operations } from "../../engine/operations.ts";
import type { ErrorFormat } from "../../wire/error-body.ts";
import type { OperationView } from "../../wire/operation.ts";
import { sendAnswer, sendError, sendOptions } from "./answer.ts";
import { answerRoute } from "./calls.ts";
import { Discovery } from "./discovery.ts";
import { parseQuery } from "./query.ts";
import { routeOf } from "./router.ts";
import { errorFormatOf, readSystemParameters } from "./system-parameters.ts";

/** What the REST interface is made with. */
export interface RestOptions {
  /** The service's name: in discovery, and the `domain` of its errors. */
  readonly name: string;
  /** The service's title in discovery. */
  readonly title: string;
  /** The address callers use, such as `https://archive.example.com`, where it is not the one they send as Host. */
  readonly publicUrl?: string | undefined;
  readonly clock: Clock;
  /** Makes the ids that tie an INTERNAL error to its line in the log. */
  readonly random: Random;
  readonly log: Log;
}

/** A handler of `node:http` requests. */
export type RestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** The one version of the service. */
const API_VERSION = "v1";

/**
 * Serves the operations over HTTP and JSON, as Google's front ends do.
 *
 * @throws {TypeError} for a `publicUrl` that is no http(s) address
 * @see contract sections 1.7, 3, 4
 */
export function restListener(operations: Operations, options: RestOptions): RestListener {
  const { name, title, clock } = options;
  const server: Server = {
    operations,
    options,
    view: { apiVersion: API_VERSION, pollIntervalMs: LIMITS.pollIntervalMs },
    discovery: new Discovery({
      name,
      version: API_VERSION,
      title,
      revision: new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", ""),
      publicUrl: options.publicUrl === undefined ? undefined : checkUrl(options.publicUrl),
      methods: operations.methods,
    }),
  };
  return (request, response) => void serve(server, request, response);
}

interface Server {
  readonly operations: Operations;
  readonly options: RestOptions;
  readonly view: OperationView;
  readonly discovery: Discovery;
}

/** Answers one request, whatever happens. Never rejects. */
async function serve(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = "/", method = "GET" } = request;
  const [path, queryText] = splitTarget(url);
  let format: ErrorFormat = 2;
  try {
    const parameters = parseQuery(queryText);
    format = errorFormatOf(parameters);
    const { settings, own } = readSystemParameters(parameters, request.headers);
    const route = routeOf(method, path, API_VERSION);
    if (route.call === "options") return sendOptions(response, route.allow);
    const { operations, discovery, view } = server;
    const signal = (): AbortSignal => hangUpSignal(request, response);
    const answer = await answerRoute(route, { operations, discovery, view, request, query: own, signal });
    if (isGone(request, response)) return;
    const ifNoneMatch = route.call === "get" ? request.headers["if-none-match"] : undefined;
    sendAnswer(response, answer, settings, ifNoneMatch);
  } catch (error) {
    if (isGone(request, response)) return;
    const shown = forCaller(error, server.options, { method, path });
    if (response.headersSent) return void response.destroy();
    sendError(response, shown, { format, domain: server.options.name });
  }
}

/** Path and query of a request target; one in absolute form (`GET http://host/path`) counts from its path on. */
function splitTarget(target: string): readonly [path: string, query: string] {
  const origin = target.startsWith("/") ? null : /^https?:\/\/[^/?#]*/i.exec(target);
  const local = origin === null ? target : target.slice(origin[0].length);
  const question = local.indexOf("?");
  return question === -1 ? [local, ""] : [local.slice(0, question), local.slice(question + 1)];
}

/** Aborts when the connection is closed, also after the answer, when nobody listens any more. */
function hangUpSignal(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (isGone(request, response)) controller.abort();
  else response.once("close", () => controller.abort());
  return controller.signal;
}

/** Whether nobody is there to be answered. (A pipelined response has no socket yet, so the request's is asked.) */
function isGone(request: IncomingMessage, response: ServerResponse): boolean {
  return response.destroyed || request.socket.destroyed;
}

/**
 * What a caller is told of an error: a StatusError as it is, anything else as INTERNAL with an id under which the log has
 * the whole story. The query stays out of the log: it may hold credentials.
 */
function forCaller(
  error: unknown,
  { log, random }: RestOptions,
  call: { readonly method: string; readonly path: string },
): StatusError {
  if (error instanceof StatusError) {
    const ours = error.code === "INTERNAL" || error.code === "UNAVAILABLE";
    if (ours && error.cause !== undefined) {
      log.error(`A call failed: ${error.message}`, { ...call, reason: error.reason, error: error.cause });
    }
    return error;
  }
  const requestId = Buffer.from(random.bytes(8)).toString("hex");
  log.error("A call failed unexpectedly", { ...call, requestId, error });
  return serviceError("INTERNAL_ERROR", `An internal error occurred; the log has it under ${requestId}.`, {
    metadata: { requestId },
  });
}

/** The address with a slash at its end. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new TypeError(
      `publicUrl: expected an address such as "https://archive.example.com", got ${JSON.stringify(text)}`,
    );
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
