import type { Caller } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Operations } from "../../engine/operations.ts";
import { startMany } from "../../engine/starting/start-many.ts";
import { listJson, type OperationView, resultsJson } from "../../wire/operation.ts";
import type { Discovery } from "./discovery.ts";
import type { MaskedMessage, Shape } from "./field-mask.ts";
import { OperationAnswer } from "./operation-answer.ts";
import type { ProtoCodec } from "./proto.ts";
import type { QueryParameter } from "./query.ts";
import type { Answer } from "./reply.ts";
import type { RestRequest } from "./request.ts";
import type { RequestBody } from "./request-body.ts";
import type { Route } from "./router.ts";
import type { WatchRoute } from "./watching.ts";
import { type WorkerRoute, workerAnswer } from "./worker-calls.ts";
import type { WorkerUseCases } from "../workers/worker-service.ts";
import { type ErrorContext, shownResults } from "../shown-results.ts";
import { startsOfBody } from "./start-requests.ts";
import {
  checkFields,
  checkNoParameters,
  checkNoRequestId,
  listRequest,
  permissionsOfBody,
  startOfRoute,
  waitTimeoutMs,
} from "./transcoding.ts";

/** The parts available to every call. */
export interface CallContext {
  readonly operations: Operations;
  readonly workers: WorkerUseCases;
  readonly caller: Caller;
  readonly discovery: Discovery;
  readonly view: OperationView;
  readonly errors: ErrorContext;
  readonly request: RestRequest;
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  readonly body: RequestBody;
  readonly enumsAsNumbers: boolean;
  /** The longest time for a wait, whatever its timeout. Undefined for no such limit. */
  readonly waitMsMax: number | undefined;
}

/** The routes that a call answers. */
export type CalledRoute = Exclude<Route, { call: "options" | "batch" | WatchRoute["call"] }>;

/** The message that each call returns, for checking field masks. RPCs have their own. */
const MESSAGES: Readonly<Record<Exclude<CalledRoute["call"], "rpc">, MaskedMessage>> = {
  start: "Operation",
  startMany: "StartOperationsResponse",
  testPermissions: "free",
  get: "Operation",
  list: "ListOperationsResponse",
  cancel: "Empty",
  delete: "Empty",
  wait: "Operation",
  claim: "free",
  renew: "free",
  complete: "free",
  fail: "free",
  release: "free",
  discover: "free",
  directory: "free",
  openapi: "free",
};

/** The message or shape for checking a mask on the answer of a route. */
export function maskedBy(route: CalledRoute): MaskedMessage | { readonly shape: Shape } {
  return route.call === "rpc" ? route.rpc : MESSAGES[route.call];
}

/** Encodes the answer of a route as protobuf bytes; undefined if the answer is a document. */
export function protoMaker(
  route: CalledRoute,
  codec: ProtoCodec,
): ((json: string) => Uint8Array) | undefined {
  if (route.call === "rpc") return route.rpc.hasProto ? (json) => route.rpc.proto(json) : undefined;
  const message = MESSAGES[route.call];
  return message === "free" ? undefined : (json) => codec.messageProto(message, json);
}

/** The result of a call: an operation, or other JSON. */
export type Result = Operation | Answer;

type Calls = {
  readonly [Name in CalledRoute["call"]]: (
    route: Extract<CalledRoute, { call: Name }>,
    context: CallContext,
  ) => Promise<Result>;
};

const EMPTY: Answer = { json: "{}" };

/** Converts routes to engine calls. */
const CALLS: Calls = {
  start: async (route, { operations, caller, request, query, body }) => {
    const object = await body.readObject();
    return operations.start(caller, startOfRoute(route, query, request.headers, object));
  },
  startMany: async (_, { operations, caller, errors, request, query, view, body }) => {
    checkNoParameters(query);
    checkNoRequestId(request.headers);
    const nextTurn = (): Promise<void> => request.nextTurn();
    const object = await body.readObject();
    await nextTurn();
    const results = await startMany(operations, caller, startsOfBody(object), nextTurn);
    await nextTurn();
    return {
      json: resultsJson(
        shownResults(results, errors, { method: "POST", path: request.target.replace(/\?.*/s, "") }),
        view,
      ),
    };
  },
  get: async ({ name }, { operations, caller, query }) => {
    checkNoParameters(query);
    return operations.get(caller, name);
  },
  list: async (route, { operations, caller, request, query, view }) => {
    const asked = listRequest(route, query);
    return request.page(async () => {
      const { operations: page, nextPageToken, unreachable } = await operations.list(caller, asked);
      await request.nextTurn();
      return { json: listJson(page, nextPageToken, view, unreachable) };
    });
  },
  cancel: async ({ name }, { operations, caller, query, body }) => {
    checkNoParameters(query);
    checkFields(await body.readObject(), ["name"]);
    await operations.cancel(caller, name);
    return EMPTY;
  },
  delete: async ({ name }, { operations, caller, query }) => {
    checkNoParameters(query);
    await operations.delete(caller, name);
    return EMPTY;
  },
  wait: async ({ name }, { operations, caller, request, query, body, waitMsMax }) => {
    const asked = waitTimeoutMs(query, await body.readObject()) ?? LIMITS.waitMsDefault;
    const timeoutMs = waitMsMax === undefined ? asked : Math.min(asked, waitMsMax);
    // Not awaited, so that a waiting call holds as little memory as possible.
    return operations.wait(caller, name, { timeoutMs, waiting: request.waiting() });
  },
  claim: worked,
  renew: worked,
  complete: worked,
  fail: worked,
  release: worked,
  rpc: async ({ rpc }, { caller, request, query, body, enumsAsNumbers }) => {
    const object = await body.readObject();
    const nextTurn = body.isLarge ? { nextTurn: () => request.nextTurn() } : {};
    const reply = await rpc.call({
      query,
      body: object,
      enumsAsNumbers,
      caller,
      signal: request.waiting(),
      ...nextTurn,
    });
    return "json" in reply ? reply : reply.operation;
  },
  testPermissions: async ({ resource }, { operations, caller, query, body }) => {
    checkNoParameters(query);
    const asked = permissionsOfBody(await body.readObject());
    const permissions = await operations.testPermissions(caller, resource, asked);
    // Proto-JSON leaves out empty lists.
    return { json: JSON.stringify(permissions.length === 0 ? {} : { permissions }) };
  },
  discover: (route, { operations, caller, discovery, request, query }) =>
    operations.discover(caller, () => discovery.document(route, query, request)),
  directory: (_, { operations, caller, discovery, request, query }) =>
    operations.discover(caller, async () => ({ json: discovery.directory(query, request) })),
  openapi: (_, { operations, caller, discovery, request, query }) =>
    operations.discover(caller, () => discovery.openApi(query, request)),
};

/** All calls of workers have this form. */
function worked(route: WorkerRoute, context: CallContext): Promise<Answer> {
  checkNoParameters(context.query);
  return workerAnswer(route, context);
}

/** Calls that take some milliseconds or some megabytes: all others handle one operation. */
const LONG: ReadonlySet<Route["call"]> = new Set([
  "batch",
  "directory",
  "discover",
  "list",
  "openapi",
  "startMany",
]);

/** Whether the call of a route takes so long that others must get turns before it. */
export function isLong(route: Route): boolean {
  return LONG.has(route.call);
}

/** Carries out the call of a route. @throws {StatusError} as transcoding and the engine do */
export function callRoute(route: CalledRoute, context: CallContext): Promise<Result> {
  const call = CALLS[route.call] as (route: CalledRoute, context: CallContext) => Promise<Result>;
  return call(route, context);
}

/** The result of a call as an answer. */
export function answerOf(result: Result, view: OperationView): Answer {
  return "json" in result ? result : new OperationAnswer(result, view);
}
