import { serviceError, StatusError } from "../../core/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { JsonObject } from "../../core/payload.ts";
import type { Random } from "../../core/random.ts";
import type { Operations } from "../../engine/operations.ts";
import type { OperationView } from "../../wire/operation.ts";
import { answerBatch } from "./batch/batch.ts";
import { decompressed, parseJsonObject } from "./body.ts";
import { answerRoute, MESSAGES } from "./calls.ts";
import type { Discovery } from "./discovery.ts";
import { readMask } from "./field-mask.ts";
import { bodyKindOf, contentTypeOf, formParameters } from "./media-type.ts";
import { overriddenMethod } from "./method-override.ts";
import { protoCodec } from "./proto.ts";
import { parseQuery, type QueryParameter } from "./query.ts";
import { errorReply, optionsReply, type Reply, successReply } from "./reply.ts";
import type { RestRequest } from "./request.ts";
import { routeOf } from "./router.ts";
import {
  type AnswerSettings,
  callbackOf,
  checkCallback,
  checkProto,
  type Envelope,
  errorFormatOf,
  readSystemParameters,
  wantsProto,
} from "./system-parameters.ts";

/** What answering takes. */
export interface RestService {
  readonly operations: Operations;
  readonly discovery: Discovery;
  readonly view: OperationView;
  /** Such as `v1`. */
  readonly version: string;
  /** The `domain` of errors. */
  readonly domain: string;
  /** Whether answers may be scripts. */
  readonly jsonp: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Answers one request, whatever happens. Never rejects.
 *
 * Everything about the request that can be wrong is looked at before the call is carried out: a call that is refused has
 * done nothing.
 *
 * @param refusal why the request is not to be carried out, where that is known already
 */
export async function answerRequest(
  service: RestService,
  request: RestRequest,
  refusal?: StatusError,
): Promise<Reply> {
  const [path, queryText] = splitTarget(request.target);
  let { method } = request;
  let envelope: Envelope = { format: 2 };
  try {
    let query = parseQuery(queryText);
    let readObject: BodyReader | undefined;
    if (request.method === "POST") {
      envelope = { format: errorFormatOf(query, request.headers) };
      method = overriddenMethod(method, query, request.headers);
      ({ query, readObject } = await readBodyOf(request, query));
    }
    // The callback first, since it has a say in how errors about the rest are sent.
    envelope = { ...envelope, callback: callbackOf(query, method) };
    envelope = { ...envelope, format: errorFormatOf(query, request.headers) };
    if (refusal !== undefined) throw refusal;
    if (envelope.callback !== undefined) checkCallback(envelope.callback, service.jsonp);
    if (wantsProto(query, request.inBatch)) envelope = { ...envelope, proto: await protoCodec() };
    const { settings, own } = readSystemParameters(query, request.headers);
    const call = { method, path, query: own, settings, readObject };
    return await answerCall(service, request, call, envelope);
  } catch (error) {
    const shown = forCaller(error, service, { method, path });
    const callback = service.jsonp ? envelope.callback : undefined;
    const { format, proto } = envelope;
    return errorReply(shown, { format, domain: service.domain, callback, proto });
  }
}

type BodyReader = () => Promise<JsonObject>;

/** A call as it is meant, after overrides, with what it was sent with. */
interface RestCall {
  readonly method: string;
  readonly path: string;
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  readonly settings: AnswerSettings;
  readonly readObject: BodyReader | undefined;
}

async function answerCall(
  service: RestService,
  request: RestRequest,
  call: RestCall,
  { callback, proto }: Envelope,
): Promise<Reply> {
  const { settings, query, readObject = emptyObject } = call;
  const route = routeOf(call.method, call.path, service.version);
  if (route.call === "options") return optionsReply(route.allow);
  if (route.call === "batch") {
    const waitMsMax = Math.min(LIMITS.waitMsMax, settings.serverTimeoutMs ?? LIMITS.waitMsMax);
    const { clock, random } = service;
    const answer = (part: RestRequest, refusal?: StatusError): Promise<Reply> =>
      answerRequest(service, part, refusal);
    return answerBatch(request, { query, answer, waitMsMax, clock, random });
  }
  const message = MESSAGES[route.call];
  const mask = settings.fields === "" ? undefined : readMask(settings.fields, message);
  if (proto !== undefined) checkProto(message !== "free");
  const answer = await answerRoute(route, {
    operations: service.operations,
    discovery: service.discovery,
    view: service.view,
    request,
    query,
    readObject,
    waitMsMax: least(settings.serverTimeoutMs, request.waitMsMax),
  });
  const ifNoneMatch = route.call === "get" ? request.headers["if-none-match"] : undefined;
  const { prettyPrint } = settings;
  const asProto =
    proto === undefined || message === "free"
      ? undefined
      : (json: string) => proto.messageProto(message, json);
  return successReply(answer, { prettyPrint, mask, callback, proto: asProto, ifNoneMatch });
}

const emptyObject: BodyReader = () => Promise.resolve({});

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/**
 * Parameters that came as a form are parameters like those of the query (contract section 3.4); any other body waits until
 * a call asks for it.
 */
async function readBodyOf(
  request: RestRequest,
  query: readonly QueryParameter[],
): Promise<{ readonly query: readonly QueryParameter[]; readonly readObject: BodyReader }> {
  const kind = bodyKindOf(contentTypeOf(query, request.headers["content-type"]));
  const { bodyBytesMax } = LIMITS;
  const encoding = request.headers["content-encoding"];
  const readBytes = async (): Promise<Uint8Array> =>
    decompressed(await request.readBody(bodyBytesMax), encoding, bodyBytesMax);
  if (kind !== "form") {
    return { query, readObject: async () => parseJsonObject(checkKind(await readBytes(), kind, request)) };
  }
  const bytes = await readBytes();
  const inBody = formParameters(bytes);
  if (inBody === undefined) return { query, readObject: async () => parseJsonObject(bytes) };
  return { query: [...query, ...inBody], readObject: emptyObject };
}

/** Nobody asks of what type no body is. @throws {StatusError} INVALID_ARGUMENT CONTENT_TYPE_UNSUPPORTED */
function checkKind(bytes: Uint8Array, kind: string, request: RestRequest): Uint8Array {
  if (kind === "json" || bytes.length === 0) return bytes;
  const shown = (request.headers["content-type"] ?? "").slice(0, 100);
  throw serviceError(
    "CONTENT_TYPE_UNSUPPORTED",
    `Invalid content type "${shown}": expected application/json.`,
    { metadata: { contentType: shown } },
  );
}

/** Path and query of a request target; one in absolute form (`GET http://host/path`) counts from its path on. */
function splitTarget(target: string): readonly [path: string, query: string] {
  const origin = target.startsWith("/") ? null : /^https?:\/\/[^/?#]*/i.exec(target);
  const local = origin === null ? target : target.slice(origin[0].length);
  const question = local.indexOf("?");
  return question === -1 ? [local, ""] : [local.slice(0, question), local.slice(question + 1)];
}

/**
 * What a caller is told of an error: a StatusError as it is, anything else as INTERNAL with an id under which the log has
 * the whole story. The query stays out of the log: it may hold credentials.
 */
function forCaller(
  error: unknown,
  { log, random }: RestService,
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
