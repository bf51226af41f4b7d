import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server, ServerOptions } from "@grpc/grpc-js";
import { CODES } from "../../core/error/code.ts";
import { LIMITS } from "../../core/limits.ts";
import { invariant } from "../../core/invariant.ts";
import { HTTP_OK } from "../../wire/code.ts";

/** What our servers of grpc-js are made with. */
export const SERVER_OPTIONS: ServerOptions = {
  // What Go, Python and Node receive by default as well. Requests are stored, and none may be larger than a quarter of it.
  "grpc.max_receive_message_length": LIMITS.grpcReceiveBytesMax,
  // Answers have limits of their own; one that was stored must be readable, and Google's clients take any size.
  "grpc.max_send_message_length": -1,
  // Nobody can ask for its numbers here, and every call pays for counting them.
  "grpc.enable_channelz": 0,
};

/** Where grpc-js has what it does with each new stream. It is not part of its interface; the tests tell when it is gone. */
const HANDLER = "_streamHandler";

type HandlerOfServer = (
  interceptors: readonly unknown[],
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
) => void;

/** Answers the call of a stream. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * What a server of grpc-js (1.14) does with each stream, for streams of sessions that are ours, and what callers may do to
 * it put right.
 *
 * Streams that are over before it has looked at them are kept from it: it answers a call of an unknown method without
 * asking whether the stream is still there, and for one that its caller has reset in the same packet Node throws, where
 * nobody catches it, and the process ends. Errors of streams after the first would end it as well, so whoever hands a stream
 * over listens to them.
 *
 * A timeout that is none is the caller's error, which grpc-js calls INTERNAL; a very long one wraps around in it and would
 * be over at once.
 */
export function streamHandlerOf(server: Server): StreamHandler {
  const handle = (server as unknown as { [HANDLER]?: HandlerOfServer })[HANDLER];
  invariant(handle !== undefined, "grpc-js handles streams where we look for it");
  return (stream, headers) => {
    if (stream.destroyed || stream.closed) return;
    const timeout = headers[TIMEOUT];
    if (timeout !== undefined) {
      const read = timeoutOf(timeout);
      if (read === undefined) return refuseTimeout(stream);
      headers[TIMEOUT] = read;
    }
    handle.call(server, NO_INTERCEPTORS, stream, headers);
  };
}

const NO_INTERCEPTORS: readonly unknown[] = [];

/**
 * The stream that a call of grpc-js came over, which it keeps to itself too. Undefined where another version of grpc-js
 * keeps it elsewhere: the server may be the user's.
 */
export function streamOf(call: object): ServerHttp2Stream | undefined {
  let { call: inner } = call as { readonly call?: InterceptingCall | undefined };
  // Interceptors of the user's stand before it.
  while (inner !== undefined && inner.stream === undefined) inner = inner.nextCall;
  return inner?.stream;
}

interface InterceptingCall {
  readonly stream?: ServerHttp2Stream;
  readonly nextCall?: InterceptingCall;
}

const TIMEOUT = "grpc-timeout";
/** In seconds; above it milliseconds do not fit 31 bits. */
const SECONDS_MAX = 2_147_483;
const SECONDS: Readonly<Record<string, number>> = { H: 3_600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/** A timeout that grpc-js can read; undefined for what is none. @see gRPC over HTTP/2, "Timeout" */
function timeoutOf(header: string | string[]): string | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(String(header));
  if (match === null) return undefined;
  const [whole, value, unit = ""] = match;
  return Number(value) * (SECONDS[unit] ?? 0) > SECONDS_MAX ? `${SECONDS_MAX}S` : whole;
}

function refuseTimeout(stream: ServerHttp2Stream): void {
  const headers = {
    ":status": HTTP_OK,
    "content-type": "application/grpc+proto",
    "grpc-status": CODES.INVALID_ARGUMENT,
    "grpc-message": "Invalid grpc-timeout: expected up to eight digits and one of H M S m u n.",
  };
  stream.respond(headers, { endStream: true });
}
