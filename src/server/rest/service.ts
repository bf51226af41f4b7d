import type { Caller } from "../../core/caller.ts";
import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Operations } from "../../engine/operations.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { OperationView } from "../../wire/operation.ts";
import type { Authenticate } from "../../core/ports/authenticate.ts";
import { namingCall } from "../credential-refusal.ts";
import { forCaller } from "../error-for-caller.ts";
import type { WatchStreams } from "../watching/watch-streams.ts";
import { splitTarget } from "../target.ts";
import { answerBatch } from "./batch/batch.ts";
import {
  answerOf,
  type CallContext,
  type CalledRoute,
  callRoute,
  isLong,
  maskedBy,
  protoMaker,
  type Result,
} from "./calls.ts";
import type { Discovery } from "./discovery.ts";
import { admitAnywhere, admittedRoute, refusalBefore } from "./admission.ts";
import { readMask } from "./field-mask.ts";
import type { Mask } from "./mask.ts";
import { maskJson } from "./mask-selection.ts";
import { overriddenMethod } from "./method-override.ts";
import { protoCodec } from "./proto.ts";
import { parseQuery, type QueryParameter } from "./query.ts";
import { errorReply, optionsReply, type Reply, successReply, type SuccessView } from "./reply.ts";
import type { RestRequest } from "./request.ts";
import { bodyOf, NO_BODY, type RequestBody } from "./request-body.ts";
import type { RouteTable } from "./router.ts";
import { rpcNameAt } from "./rpc-name.ts";
import {
  type AnswerSettings,
  callbackOf,
  checkCallback,
  checkProto,
  type Envelope,
  checkNoEvents,
  errorFormatOf,
  framingOf,
  readSystemParameters,
  wantsProto,
} from "./system-parameters.ts";
import { isStarted, preferredAnswer } from "./preferred-start.ts";
import { watchReply } from "./watching.ts";
import type { WatchView } from "./watch-sink.ts";
import type { WorkerUseCases } from "../workers/worker-service.ts";

/** The parts needed to answer requests. */
export interface RestService {
  readonly operations: Operations;
  readonly workers: WorkerUseCases;
  readonly authenticate: Authenticate;
  readonly discovery: Discovery;
  readonly view: OperationView;
  /** An operation as compact JSON. */
  readonly json: (operation: Operation) => string;
  readonly routes: RouteTable;
  /** The `domain` of errors. */
  readonly domain: string;
  /** Whether answers may be scripts (JSONP). */
  readonly jsonp: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** The streams of watches. */
  readonly streams: WatchStreams;
}

/**
 * Answers one request in every case. Never rejects.
 *
 * The whole request is validated before the call runs, so a rejected call has no effect.
 *
 * @param refusal the error for a request that must be rejected, if it is already known
 */
export async function answerRequest(
  service: RestService,
  request: RestRequest,
  refusal?: StatusError,
): Promise<Reply> {
  const [path, queryText] = splitTarget(request.target);
  let { method } = request;
  let envelope: Envelope = { format: 2 };
  let isKnown = false;
  try {
    const asked = parseQuery(queryText);
    let query = asked;
    let body: RequestBody = NO_BODY;
    if (request.method !== "GET" && request.method !== "HEAD") {
      envelope = { format: errorFormatOf(query, request.headers) };
      method = overriddenMethod(method, query, request.headers);
      ({ query, body } = await bodyOf(request, query));
    }
    // The callback comes first, because it affects the form of all other errors.
    envelope = { format: envelope.format, callback: callbackOf(query, method) };
    envelope = { format: errorFormatOf(query, request.headers), callback: envelope.callback };
    if (refusal !== undefined) throw refusal;
    if (envelope.callback !== undefined) checkCallback(envelope.callback, service.jsonp);
    if (wantsProto(query, request.inBatch))
      envelope = { ...envelope, proto: await protoCodec(service.routes.rpcs?.types) };
    const { settings, own } = readSystemParameters(query, request.headers);
    // A form may contain parameters that an address had no room for, including credentials.
    isKnown = true;
    const given = request.caller(query === asked ? undefined : query);
    const known = given instanceof Promise ? await given : given;
    const { quotaUser } = settings;
    const caller = quotaUser === undefined ? known : { ...known, quotaUser };
    const call = { caller, method, path, query: own, settings, body };
    const answered = answerCall(service, request, call, envelope);
    // Not awaited, so that a waiting call holds as little memory as possible.
    return answered.catch((error: unknown) => errorAnswer(service, request, error, { method, envelope }));
  } catch (error) {
    const told = isKnown ? error : await refusalBefore(service.operations, request, error);
    return errorAnswer(service, request, told, { method, envelope });
  }
}

/** The answer to a call that fails. */
function errorAnswer(
  service: RestService,
  request: RestRequest,
  error: unknown,
  { method, envelope }: { readonly method: string; readonly envelope: Envelope },
): Reply {
  // The query stays out of the log, because it may contain credentials.
  const [path] = splitTarget(request.target);
  const shown = namingCall(forCaller(error, service, { method, path }), service.domain, () =>
    rpcNameAt(method, path, service.routes),
  );
  const callback = service.jsonp ? envelope.callback : undefined;
  const { format, proto } = envelope;
  const knowsDetail = service.routes.rpcs?.knowsDetail;
  return errorReply(shown, { format, domain: service.domain, callback, knowsDetail, proto });
}

/** A call after overrides, with its parameters and body. */
interface RestCall {
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  readonly settings: AnswerSettings;
  readonly body: RequestBody;
}

/**
 * Not async, which saves a frame for each of ten thousand waiting callers. @throws {StatusError}
 */
function answerCall(
  service: RestService,
  request: RestRequest,
  call: RestCall,
  { callback, proto }: Envelope,
): Promise<Reply> {
  const { caller, settings, query, body } = call;
  const route = admittedRoute(service, call);
  if (route instanceof Promise) return route;
  request.onRoute?.(route, call.path);
  if (route.call === "options") return Promise.resolve(optionsReply(route.allow));
  if (route.call === "batch") return batchAnswer(service, request, call);
  if (route.call === "watch" || route.call === "watchMany") {
    const framing = framingOf(settings, { callback, proto });
    const fields = settings.fields === "" ? undefined : readMask(settings.fields, "Operation");
    const view = watchView(service, fields, route.call === "watchMany");
    const { operations, streams } = service;
    const lifeMs = settings.serverTimeoutMs;
    return watchReply(route, { operations, streams, caller, request, query, framing, view, lifeMs });
  }
  checkNoEvents(settings);
  const mask = settings.fields === "" ? undefined : readMask(settings.fields, maskedBy(route));
  const asProto = proto === undefined ? undefined : checkProto(protoMaker(route, proto));
  const ifNoneMatch = route.call === "get" ? request.headers["if-none-match"] : undefined;
  const { prettyPrint } = settings;
  const view: SuccessView = { prettyPrint, mask, callback, proto: asProto, ifNoneMatch };
  const context: CallContext = {
    operations: service.operations,
    workers: service.workers,
    caller,
    discovery: service.discovery,
    view: service.view,
    errors: service,
    request,
    query,
    body,
    enumsAsNumbers: settings.enumsAsNumbers ?? false,
    waitMsMax: least(settings.serverTimeoutMs, request.waitMsMax),
  };
  return isLong(route) ? request.long(() => carryOut(route, context, view)) : carryOut(route, context, view);
}

/**
 * An error about the batch itself may be shown to anyone with some permission, because its calls
 * may have their own credentials.
 */
function batchAnswer(
  service: RestService,
  request: RestRequest,
  { caller, query, settings }: RestCall,
): Promise<Reply> {
  const waitMsMax = Math.min(LIMITS.waitMsMax, settings.serverTimeoutMs ?? LIMITS.waitMsMax);
  const { operations, authenticate, discovery, clock, random } = service;
  const root = new URL(discovery.rootUrl(request)).pathname;
  const answer = (part: RestRequest, refusal?: StatusError): Promise<Reply> =>
    answerRequest(service, part, refusal);
  return request
    .long(() => answerBatch(request, { query, answer, root, waitMsMax, authenticate, clock, random }))
    .catch((error: unknown) => admitAnywhere(operations, caller) ?? Promise.reject(error));
}

/**
 * A watch shows operations as GET does, on one line. JSON without a mask is made once for all
 * watches.
 */
function watchView(
  { json: whole, domain, routes }: RestService,
  mask: Mask | undefined,
  isCollection: boolean,
): WatchView {
  const json =
    mask === undefined ? whole : (operation: Operation): string => maskJson(whole(operation), mask);
  return { json, isCollection, domain, knowsDetail: routes.rpcs?.knowsDetail };
}

/** Indenting an answer of this length takes some milliseconds. */
const LARGE_LENGTH = 100_000;

function carryOut(route: CalledRoute, context: CallContext, view: SuccessView): Promise<Reply> {
  const prefer = view.callback === undefined ? context.request.headers["prefer"] : undefined;
  const called = callRoute(route, context);
  if (prefer === undefined) return replied(called, context.request, context.view, view);
  return called.then(async (result) => {
    if (!isStarted(route, result)) return replyTo(result, context.request, context.view, view);
    return successReply(await preferredAnswer(result, prefer, context), view);
  });
}

/** A separate function, so that a waiting call holds only the request and the two views. */
function replied(
  called: Promise<Result>,
  request: RestRequest,
  operationView: OperationView,
  view: SuccessView,
): Promise<Reply> {
  return called.then((result) => replyTo(result, request, operationView, view));
}

async function replyTo(
  result: Result,
  request: RestRequest,
  operationView: OperationView,
  view: SuccessView,
): Promise<Reply> {
  // It must still be joined, masked, indented and escaped.
  if (lengthOf(result) > LARGE_LENGTH) await request.nextTurn();
  return successReply(answerOf(result, operationView), view);
}

/** The length of the compact JSON; of an operation, only of the payloads, which may be long. */
function lengthOf(result: Result): number {
  if ("json" in result) return result.json.length;
  const { metadata, response } = result;
  return (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
