import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import type { Operations } from "../../engine/operations.ts";
import { Discovery } from "./discovery.ts";
import { LIMITS } from "../../core/limits.ts";
import { Rendered } from "../../engine/rendered.ts";
import { beginPoll, endPoll, type PolledAnswer, pollKeyOf, sendPolled } from "./polled.ts";
import { Origins } from "./origins.ts";
import { sendReply } from "./reply.ts";
import { ConnectionRequest } from "./request.ts";
import { answerRequest, type RestService } from "./service.ts";

/** What the REST interface is made with. */
export interface RestOptions {
  /** The service's name: in discovery, and the `domain` of its errors. */
  readonly name: string;
  /** The service's title in discovery. */
  readonly title: string;
  /** The address callers use, such as `https://archive.example.com`, where it is not the one they send as Host. */
  readonly publicUrl?: string | undefined;
  /** Origins whose pages may call from browsers, such as `https://app.example.com`; `*` for all. @default none */
  readonly cors?: readonly string[] | undefined;
  /** Whether any page may read answers as scripts (`callback=…`). @default false */
  readonly jsonp?: boolean | undefined;
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
 * @throws {TypeError} for a `publicUrl` that is no http(s) address, and for an origin that is none
 * @see contract sections 1.7, 3, 4, 5.4
 */
export function restListener(operations: Operations, options: RestOptions): RestListener {
  const { name, title, clock, random, log } = options;
  const service: RestService = {
    operations,
    view: { apiVersion: API_VERSION, pollIntervalMs: (operation) => operations.pollIntervalMs(operation) },
    version: API_VERSION,
    domain: name,
    jsonp: options.jsonp ?? false,
    clock,
    random,
    log,
    discovery: new Discovery({
      name,
      version: API_VERSION,
      title,
      revision: new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", ""),
      publicUrl: options.publicUrl === undefined ? undefined : checkUrl(options.publicUrl),
      methods: operations.methods,
    }),
  };
  const rendered = new Rendered<PolledAnswer>({
    bytesMax: LIMITS.renderedBytesMax,
    lifeMs: LIMITS.renderedLifeMs,
    now: () => clock.monotonic(),
  });
  operations.watch((changes) => rendered.notice(changes));
  const server: Server = { service, origins: new Origins(options.cors ?? []), rendered };
  return (request, response) => {
    const key = operations.stopping ? undefined : pollKeyOf(request);
    const polled = key === undefined ? undefined : rendered.get(key);
    if (polled === undefined) void serve(server, request, response, key);
    else sendPolled(response, polled);
  };
}

interface Server {
  readonly service: RestService;
  readonly origins: Origins;
  readonly rendered: Rendered<PolledAnswer>;
}

/**
 * Answers one request over its connection. Never rejects.
 *
 * @param pollKey under which the answer may be kept for the next who asks the same
 */
async function serve(
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
  pollKey: string | undefined,
): Promise<void> {
  const { service, origins, rendered } = server;
  const incoming = new ConnectionRequest(request, response);
  const accepted = request.headers["accept-encoding"];
  try {
    const refusal = origins.refusalOf(request, response);
    const more = origins.headersFor(request);
    const poll = more === undefined ? beginPoll(rendered, pollKey) : undefined;
    const reply = origins.preflight(request) ?? (await answerRequest(service, incoming, refusal));
    if (poll !== undefined) endPoll(rendered, poll, reply);
    if (!incoming.gone) await sendReply(response, reply, accepted, more);
  } catch (error) {
    service.log.error("An answer could not be sent", { error });
    response.destroy();
  }
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
