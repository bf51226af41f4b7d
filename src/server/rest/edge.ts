import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Tracing } from "../../core/ports/tracing.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Operations } from "../../engine/operations.ts";
import { prefersGzip } from "./compression.ts";
import { Discovery } from "./discovery.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Authenticate, Sender } from "../../core/ports/authenticate.ts";
import { callerAtOnce } from "../authenticate.ts";
import { AnswerCache } from "../answer-cache.ts";
import type { Edge, Exchange } from "../front.ts";
import { operationJson } from "../../wire/operation.ts";
import { API_VERSION, operationView } from "../view.ts";
import {
  beginCachedGet,
  type CachedAnswer,
  type CachedGet,
  cachedGetKeyOf,
  type CachedGetRequest,
  endCachedGet,
  nameIn,
  sendCached,
} from "./cached-get.ts";
import { Origins } from "./origins.ts";
import { encodedReply, type Reply, sendHead, sendReply } from "./reply.ts";
import { ConnectionRequest } from "./request.ts";
import type { Share } from "../sharing/share.ts";
import type { RpcRoutes } from "./rpc-routes.ts";
import { answerRequest, type RestService } from "./service.ts";
import { WatchStreams } from "../watching/watch-streams.ts";
import { ToldRequest } from "./told-request.ts";
import type { WorkerUseCases } from "../workers/worker-service.ts";

/** The options of the REST interface. */
export interface RestOptions {
  /** The service's name, used in discovery and as the `domain` of its errors. */
  readonly name: string;
  /** The service's title in discovery. */
  readonly title: string;
  /**
   * The address for callers, such as `https://archive.example.com`, if it is not the one that they
   * send as Host.
   */
  readonly publicUrl?: string | undefined;
  /**
   * The path prefix of the interface, such as `.operations/`; requests arrive without it. @default
   * none
   */
  readonly mount?: string | undefined;
  /**
   * Origins whose pages may call the service from browsers, such as `https://app.example.com`; `*`
   * for all. @default none
   */
  readonly cors?: readonly string[] | undefined;
  /** Whether any page may read answers as scripts (`callback=…`). @default false */
  readonly jsonp?: boolean | undefined;
  /** The use cases of workers without the store. */
  readonly workers: WorkerUseCases;
  /** RPCs that are called through their HTTP bindings. @default none */
  readonly rpcs?: RpcRoutes | undefined;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  /** Makes the ids that connect an INTERNAL error with its line in the log. */
  readonly random: Random;
  readonly tell: Tell;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
}

/**
 * The most polls answered from memory in one turn of the event loop: some milliseconds. Further
 * polls take places like other calls.
 */
const AT_ONCE_MAX = 256;

/**
 * All versions, the preferred one first: ours, unless RPCs have versions and ours is not among
 * them.
 */
function versionsOf(rpcs: RpcRoutes | undefined): readonly [string, ...string[]] {
  const others = rpcs?.versions ?? [];
  const [first] = others;
  if (first === undefined || others.includes(API_VERSION))
    return [API_VERSION, ...others.filter((version) => version !== API_VERSION)];
  return [first, ...others.slice(1), API_VERSION];
}

/**
 * The parts for answering requests. @throws {TypeError} for a `publicUrl` that is not an http(s)
 * address
 */
function restService(operations: Operations, options: RestOptions): RestService {
  const { name, title, authenticate, clock, random, tell, rpcs } = options;
  const versions = versionsOf(rpcs);
  const view = { ...operationView(operations), knowsDetail: rpcs?.knowsDetail };
  return {
    operations,
    workers: options.workers,
    authenticate,
    view,
    json: (operation) => operationJson(operation, view),
    routes: { versions: new Set(versions), rpcs },
    domain: name,
    jsonp: options.jsonp ?? false,
    clock,
    random,
    tell,
    streams: new WatchStreams(clock, random),
    discovery: new Discovery({
      name,
      versions,
      title,
      revision: new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", ""),
      publicUrl: options.publicUrl === undefined ? undefined : checkUrl(options.publicUrl),
      mount: options.mount,
      methods: operations.methods,
      rpcs: rpcs?.describer,
      clock,
    }),
  };
}

/**
 * Serves the operations over HTTP and JSON, as Google's front ends do.
 *
 * @throws {TypeError} for a `publicUrl` that is not an http(s) address, and for an invalid origin
 * @see contract sections 1.7, 3, 4, 5.4
 */
export function restEdge(operations: Operations, options: RestOptions): Edge {
  const { clock } = options;
  const service = restService(operations, options);
  const cache = new AnswerCache<CachedAnswer>({
    bytesMax: LIMITS.renderedBytesMax,
    lifeMs: LIMITS.renderedLifeMs,
    now: () => clock.monotonic(),
  });
  operations.watch((changes) => cache.notice(changes));
  const server: Server = { service, origins: new Origins(options.cors ?? []), cache };
  // The number of answers sent immediately in this turn of the event loop.
  let atOnce = 0;
  const isQuick = (request: IncomingMessage, share: Share): boolean => {
    // For HTTP/2, only places limit the streams.
    if (request.httpVersionMajor >= 2 || !share.isIdle || request.socket.writableLength > 0) return false;
    if (atOnce++ === 0) clock.soon(() => (atOnce = 0));
    return atOnce <= AT_ONCE_MAX;
  };
  return (exchange) => {
    const { request, response, share } = exchange;
    const told = ToldRequest.begin(request, options);
    const cachedGet = cachedGetOf(service, request);
    if (cachedGet !== undefined) told?.onCaller(cachedGet.caller);
    const isNow = cachedGet !== undefined && isQuick(request, share);
    const kept = isNow ? keptAnswer(server, cachedGet) : undefined;
    if (kept !== undefined) return sendCached(response, kept, told);
    share.begin(response, () => {
      // A request that waits for its turn looks when it has it: the operation may have changed.
      const later = isNow ? undefined : keptAnswer(server, cachedGet);
      if (later !== undefined) sendCached(response, later, told);
      else serve(server, exchange, cachedGet, told);
    });
  };
}

/** A request as a poll; undefined if its answer may neither be taken from the cache nor be kept. */
function cachedGetOf(
  { operations, authenticate }: RestService,
  request: IncomingMessage,
): CachedGetRequest | undefined {
  const key = operations.tellsEveryChange ? cachedGetKeyOf(request) : undefined;
  const caller = key === undefined ? undefined : callerAtOnce(authenticate, request);
  const view = caller === undefined ? undefined : operations.viewOf(caller);
  if (key === undefined || caller === undefined || view === undefined) return undefined;
  return { caller, view, key, target: request.url ?? "" };
}

/** The kept answer to a poll; undefined if there is none, or if its caller may not have it. */
function keptAnswer(
  { service: { operations }, cache }: Server,
  poll: CachedGetRequest | undefined,
): CachedAnswer | undefined {
  if (poll === undefined) return undefined;
  return operations.getKept(
    poll.caller,
    () => nameIn(poll.target),
    () => cache.get(poll.view, poll.key),
  );
}

interface Server {
  readonly service: RestService;
  readonly origins: Origins;
  readonly cache: AnswerCache<CachedAnswer>;
}

/**
 * Answers one request over its connection. Not async, which saves a frame for each of ten thousand
 * waiting callers.
 *
 * @param asked the place of the answer in the cache, if it may be kept
 */
function serve(
  server: Server,
  exchange: Exchange,
  asked: CachedGetRequest | undefined,
  told: ToldRequest | undefined,
): void {
  const { service, origins, cache } = server;
  const { request, response } = exchange;
  try {
    const caller: ConnectionRequest["caller"] = (parameters) => {
      const who = asked?.caller ?? service.authenticate(withForm(request, parameters));
      told?.onCaller(who);
      return who;
    };
    const incoming = new ConnectionRequest(exchange, caller, told);
    const refusal = origins.refusalOf(request, response);
    const more = origins.headersFor(request);
    const cachedGet =
      more === undefined && asked !== undefined ? beginCachedGet(cache, incoming.target, asked) : undefined;
    const preflight = origins.preflight(request);
    const answer = (): Promise<Reply> =>
      preflight === undefined ? answerRequest(service, incoming, refusal) : Promise.resolve(preflight);
    const answered = told === undefined ? answer() : told.within(answer);
    void answered.then((reply) =>
      send(server, reply, { incoming, request, response, more, cachedGet, told }),
    );
  } catch (error) {
    giveUp(service, response, error);
  }
}

/** A request as it was sent, with the parameters of its form. */
function withForm(request: IncomingMessage, parameters: Sender["parameters"]): Sender {
  if (parameters === undefined) return request;
  const { headers, rawHeaders, socket } = request;
  return { headers, rawHeaders, socket, parameters };
}

/** The destination of a reply. */
interface Destination {
  readonly incoming: ConnectionRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly more: Readonly<Record<string, string>> | undefined;
  readonly cachedGet: CachedGet | undefined;
  readonly told: ToldRequest | undefined;
}

/** Never rejects. */
async function send({ service, cache }: Server, reply: Reply, to: Destination): Promise<void> {
  const { incoming, request, response, more, cachedGet, told } = to;
  incoming.endBody();
  try {
    const encoded = await encodedReply(reply, prefersGzip(request.headers["accept-encoding"]));
    if (cachedGet !== undefined) endCachedGet(cache, cachedGet, encoded);
    if (encoded.stream === undefined) {
      if (!incoming.gone) sendReply(response, encoded, more);
      told?.end(encoded);
      return;
    }
    if (!incoming.gone) sendHead(response, encoded, more);
    encoded.stream(response, (bytes) => told?.end({ ...encoded, bytes }));
  } catch (error) {
    giveUp(service, response, error);
  } finally {
    if (cachedGet !== undefined) cache.giveUp(cachedGet.ticket);
  }
}

function giveUp({ tell }: RestService, response: ServerResponse, error: unknown): void {
  tell["answer.failed"]?.({ error });
  response.destroy();
}

/** The address with a final slash. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new TypeError(
      `publicUrl: expected an address such as "https://archive.example.com", got ${JSON.stringify(text)}`,
    );
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
