import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server, ServerOptions } from "@grpc/grpc-js";
import { CODES } from "../../core/error/code.ts";
import { LIMITS } from "../../core/limits.ts";
import { invariant } from "../../core/invariant.ts";
import { HTTP_OK } from "../../wire/code.ts";

/** The options of our servers of grpc-js. */
export const SERVER_OPTIONS: ServerOptions = {
  // The default in Go, Python and Node as well. Requests are stored, and a stored request is
  // limited to a quarter of it.
  "grpc.max_receive_message_length": LIMITS.grpcReceiveBytesMax,
  // Answers have their own limits; a stored payload must always be readable, and Google's clients
  // accept any size.
  "grpc.max_send_message_length": -1,
  // Nothing can query its numbers here, and counting them would slow down every call.
  "grpc.enable_channelz": 0,
};

/**
 * The member of grpc-js that handles each new stream. It is not part of the public interface; tests
 * fail if it disappears.
 */
const HANDLER = "_streamHandler";

type HandlerOfServer = (
  interceptors: readonly unknown[],
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
) => void;

/** Answers the call of a stream. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * The stream handler of a server of grpc-js (1.14), for streams of our own sessions, with
 * protection against what callers may do.
 *
 * It is not given streams that are already closed: grpc-js answers a call of an unknown method
 * without checking the stream, and if the caller has reset the stream in the same packet, Node
 * throws where nothing catches it and the process ends. Later errors of a stream would end the
 * process as well, so the code that passes a stream on listens for them.
 *
 * An invalid timeout is the caller's error, but grpc-js calls it INTERNAL; a very long one
 * overflows in grpc-js and would expire at once.
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
 * The stream of a call of grpc-js, which is private there. Undefined if another version of grpc-js
 * stores it elsewhere: the server may be the user's.
 */
export function streamOf(call: object): ServerHttp2Stream | undefined {
  let { call: inner } = call as { readonly call?: InterceptingCall | undefined };
  // Interceptors of the user may wrap it.
  while (inner !== undefined && inner.stream === undefined) inner = inner.nextCall;
  return inner?.stream;
}

interface InterceptingCall {
  readonly stream?: ServerHttp2Stream;
  readonly nextCall?: InterceptingCall;
}

const TIMEOUT = "grpc-timeout";
/** The limit in seconds; beyond it, the milliseconds do not fit into 31 bits. */
const SECONDS_MAX = 2_147_483;
const SECONDS: Readonly<Record<string, number>> = { H: 3_600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/**
 * A timeout that grpc-js can read; undefined for an invalid one. @see gRPC over HTTP/2, "Timeout"
 */
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
