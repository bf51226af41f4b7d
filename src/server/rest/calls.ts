import type { IncomingMessage } from "node:http";
import type { Operation } from "../../core/operation.ts";
import type { Operations } from "../../engine/operations.ts";
import { listJson, operationJson, type OperationView } from "../../wire/operation.ts";
import type { Answer } from "./answer.ts";
import { readJsonBody } from "./body.ts";
import type { Discovery } from "./discovery.ts";
import type { QueryParameter } from "./query.ts";
import type { Route } from "./router.ts";
import { checkFields, checkNoParameters, listRequest, startRequest, waitTimeoutMs } from "./transcoding.ts";

/** What every call has at hand. */
export interface CallContext {
  readonly operations: Operations;
  readonly discovery: Discovery;
  readonly view: OperationView;
  readonly request: IncomingMessage;
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** Aborts when the caller hangs up. Made when first asked for. */
  readonly signal: () => AbortSignal;
}

/** The routes that are answered by a call. */
export type CalledRoute = Exclude<Route, { call: "options" }>;

type Calls = {
  readonly [Name in CalledRoute["call"]]: (
    route: Extract<CalledRoute, { call: Name }>,
    context: CallContext,
  ) => Promise<Answer>;
};

const EMPTY: Answer = { json: "{}", message: "Empty" };

/**
 * From a route to an engine call to JSON. Batch, when it comes, is one more line that calls {@link answerRoute} for each of
 * its parts.
 */
const CALLS: Calls = {
  start: async (route, { operations, request, query, view }) => {
    const body = await readJsonBody(request);
    return operationAnswer(await operations.start(startRequest(route, query, request.headers, body)), view);
  },
  get: async ({ name }, { operations, query, view }) => {
    checkNoParameters(query);
    return operationAnswer(await operations.get(name), view);
  },
  list: async (route, { operations, query, view }) => {
    const page = await operations.list(listRequest(route, query));
    return {
      json: listJson(page.operations, page.nextPageToken, view),
      message: "ListOperationsResponse",
    };
  },
  cancel: async ({ name }, { operations, request, query }) => {
    checkNoParameters(query);
    checkFields(await readJsonBody(request), ["name"]);
    await operations.cancel(name);
    return EMPTY;
  },
  delete: async ({ name }, { operations, query }) => {
    checkNoParameters(query);
    await operations.delete(name);
    return EMPTY;
  },
  wait: async ({ name }, { operations, request, query, view, signal }) => {
    const timeoutMs = waitTimeoutMs(query, await readJsonBody(request));
    return operationAnswer(await operations.wait(name, { timeoutMs, signal: signal() }), view);
  },
  discover: async (route, { discovery, request, query }) => ({
    json: discovery.document(route, query, request),
    message: "free",
  }),
  directory: async (_, { discovery, request, query }) => ({
    json: discovery.directory(query, request),
    message: "free",
  }),
};

/** Carries out the call of a route. @throws {StatusError} whatever transcoding and engine throw */
export function answerRoute(route: CalledRoute, context: CallContext): Promise<Answer> {
  const call = CALLS[route.call] as (route: CalledRoute, context: CallContext) => Promise<Answer>;
  return call(route, context);
}

/** The tag is weak: the same revision is written in more than one way. */
function operationAnswer(operation: Operation, view: OperationView): Answer {
  return {
    json: operationJson(operation, view),
    message: "Operation",
    ...(operation.id === "" ? {} : { etag: `W/"${operation.revision}"` }),
  };
}
