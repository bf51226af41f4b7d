import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation.ts";
import type { Operations } from "../../engine/operations.ts";
import { listJson, operationJson, type OperationView } from "../../wire/operation.ts";
import type { JsonObject } from "../../core/payload.ts";
import type { Discovery } from "./discovery.ts";
import type { MaskedMessage } from "./field-mask.ts";
import type { QueryParameter } from "./query.ts";
import type { Answer } from "./reply.ts";
import type { RestRequest } from "./request.ts";
import type { Route } from "./router.ts";
import { checkFields, checkNoParameters, listRequest, startRequest, waitTimeoutMs } from "./transcoding.ts";

/** What every call has at hand. */
export interface CallContext {
  readonly operations: Operations;
  readonly discovery: Discovery;
  readonly view: OperationView;
  readonly request: RestRequest;
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** The JSON object in the body; `{}` for none. @throws {StatusError} INVALID_ARGUMENT */
  readonly readObject: () => Promise<JsonObject>;
  /** The longest that a wait may take, whatever its timeout. Undefined for no such bound. */
  readonly waitMsMax: number | undefined;
}

/** The routes that are answered by a call. */
export type CalledRoute = Exclude<Route, { call: "options" | "batch" }>;

/** What each call answers, against which a field mask is checked. */
export const MESSAGES: Readonly<Record<CalledRoute["call"], MaskedMessage>> = {
  start: "Operation",
  get: "Operation",
  list: "ListOperationsResponse",
  cancel: "Empty",
  delete: "Empty",
  wait: "Operation",
  discover: "free",
  directory: "free",
  openapi: "free",
};

type Calls = {
  readonly [Name in CalledRoute["call"]]: (
    route: Extract<CalledRoute, { call: Name }>,
    context: CallContext,
  ) => Promise<Answer>;
};

const EMPTY: Answer = { json: "{}" };

/** From a route to an engine call to JSON. */
const CALLS: Calls = {
  start: async (route, { operations, request, query, view, readObject }) => {
    const body = await readObject();
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
    };
  },
  cancel: async ({ name }, { operations, query, readObject }) => {
    checkNoParameters(query);
    checkFields(await readObject(), ["name"]);
    await operations.cancel(name);
    return EMPTY;
  },
  delete: async ({ name }, { operations, query }) => {
    checkNoParameters(query);
    await operations.delete(name);
    return EMPTY;
  },
  wait: async ({ name }, { operations, request, query, view, readObject, waitMsMax }) => {
    const asked = waitTimeoutMs(query, await readObject()) ?? LIMITS.waitMsDefault;
    const timeoutMs = waitMsMax === undefined ? asked : Math.min(asked, waitMsMax);
    return operationAnswer(await operations.wait(name, { timeoutMs, signal: request.signal() }), view);
  },
  discover: async (route, { discovery, request, query }) => ({
    json: discovery.document(route, query, request),
  }),
  directory: async (_, { discovery, request, query }) => ({
    json: discovery.directory(query, request),
  }),
  openapi: async (_, { discovery, request, query }) => ({
    json: discovery.openApi(query, request),
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
    ...(operation.id === "" ? {} : { etag: `W/"${operation.revision}"` }),
  };
}
