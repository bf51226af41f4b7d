import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import { isDone } from "../../core/operation/operation.ts";
import type { Watch } from "../../engine/watching/watcher.ts";
import type { Operations } from "../../engine/operations.ts";
import { HTTP_NO_CONTENT, HTTP_OK } from "../../wire/code.ts";
import type { WatchStreams } from "../watching/watch-streams.ts";
import { CollectionStream } from "../watching/collection-stream.ts";
import { OperationStream, type WatchStream } from "../watching/watch-stream.ts";
import { CallParameters, type QueryParameter } from "./query.ts";
import { JSON_HEADERS, type Reply } from "./reply.ts";
import type { RestRequest } from "./request.ts";
import type { Route } from "./router.ts";
import { ArraySink, EventSink, type WatchView } from "./watch-sink.ts";

/** The routes that a stream answers. */
export type WatchRoute = Extract<Route, { call: "watch" | "watchMany" }>;

/** The parts of a new watch. */
export interface WatchContext {
  readonly operations: Pick<Operations, "watchOperation" | "watchOperations">;
  readonly streams: WatchStreams;
  readonly caller: Caller;
  readonly request: RestRequest;
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** The framing of the answer. */
  readonly framing: "events" | "array";
  readonly view: WatchView;
  /** The caller's own time limit; undefined for none. */
  readonly lifeMs: number | undefined;
}

/**
 * No intermediary may cache, buffer or compress it. @see
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html
 */
const STREAM_HEADERS = {
  "cache-control": "private, no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
} as const;
const EVENT_HEADERS = { "content-type": "text/event-stream", ...STREAM_HEADERS } as const;
const ARRAY_HEADERS = { "content-type": JSON_HEADERS["content-type"], ...STREAM_HEADERS } as const;

/**
 * Starts a watch. All errors are found before the head is written.
 *
 * @returns a reply with a stream; without content if the caller already knows the end
 * @throws {StatusError} errors of the engine; INVALID_ARGUMENT BATCH_INVALID, PARAMETER_INVALID
 */
export function watchReply(route: WatchRoute, context: WatchContext): Promise<Reply> {
  if (context.request.inBatch) throw inBatch();
  return route.call === "watch" ? watchOne(route.name, context) : watchMany(route.parent, context);
}

async function watchMany(parent: string, context: WatchContext): Promise<Reply> {
  const { operations, streams, caller, request, query, lifeMs } = context;
  const filter = new CallParameters(query, ["filter"]).text("filter");
  const waiting = request.waiting();
  const stream = new CollectionStream({ streams, waiting, lifeMs });
  const begin = () => operations.watchOperations(caller, { parent, filter }, stream, waiting);
  const { watch, next } = await request.long(begin);
  stream.begin(() => request.long(() => request.page(next)));
  return streamReply(stream, watch, context);
}

async function watchOne(name: string, context: WatchContext): Promise<Reply> {
  const { operations, streams, caller, request, query, lifeMs } = context;
  const known = lastEventId(request.headers, new CallParameters(query, ["lastEventId"]).text("lastEventId"));
  const waiting = request.waiting();
  const stream = new OperationStream({ streams, waiting, lifeMs });
  const begun = await operations.watchOperation(caller, name, stream, waiting);
  const { operation, watch } = begun;
  if (known === operation.revision) {
    if (isDone(operation)) {
      watch.leave();
      return { status: HTTP_NO_CONTENT, headers: {}, body: "" };
    }
    stream.knows(known);
  }
  return streamReply(stream, watch, context);
}

/** For a caller that asks only for the head. */
const endStream: NonNullable<Reply["stream"]> = (response, ended) => {
  response.on("close", () => ended(0));
  response.end();
};

function streamReply(stream: WatchStream, watch: Watch, context: WatchContext): Reply {
  const { request, framing, view } = context;
  const isEvents = framing === "events";
  const reply = { status: HTTP_OK, headers: isEvents ? EVENT_HEADERS : ARRAY_HEADERS, body: "" };
  if (request.method === "HEAD") {
    watch.leave();
    return { ...reply, stream: endStream };
  }
  return {
    ...reply,
    stream: (response, ended) => {
      const sink = new (isEvents ? EventSink : ArraySink)(response, view);
      response.on("close", () => ended(sink.bytes));
      stream.open(sink, watch);
    },
  };
}

/**
 * The last revision that a caller has seen; undefined for none or an invalid one. After a
 * reconnect, the header is newer than the parameter.
 */
function lastEventId(headers: IncomingHttpHeaders, parameter: string | undefined): number | undefined {
  const header = headers["last-event-id"];
  const given = typeof header === "string" ? header : parameter;
  return given !== undefined && /^[1-9]\d{0,9}$/.test(given) ? Number(given) : undefined;
}

function inBatch(): Error {
  return serviceError(
    "BATCH_INVALID",
    "A call of a batch cannot watch: a batch is answered when all of it is.",
  );
}
