import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { LIMITS } from "../../core/limits.ts";
import { Hold, type Room } from "../sharing/room.ts";
import type { StreamHandler } from "./stream-guard.ts";

/** Compressed flag and length. @see gRPC over HTTP/2, "Length-Prefixed-Message" */
const PREFIX_BYTES = 5;

/**
 * Callers report it as UNAVAILABLE, and may repeat the call. There is no message, because grpc-js
 * would send a second answer when it sees the end of the stream. @see RFC 9113, section 8.7
 */
const REFUSED_STREAM = 7;

const holds = new WeakMap<object, Hold>();

/**
 * Stops reading a stream whose message is large until there is room for it. grpc-js collects the
 * message itself; the limit of unread bytes of HTTP/2 slows down the sender.
 */
export function withMessageRoom(handle: StreamHandler, bodies: Room): StreamHandler {
  const afterRoom = (stream: ServerHttp2Stream, length: number, goOn: () => void): void => {
    const hold = new Hold(bodies);
    const turn = hold.take(length);
    holds.set(stream, hold);
    stream.on("close", () => hold.end());
    if (turn === undefined) return goOn();
    turn.then(goOn, () => stream.close(REFUSED_STREAM));
  };
  return (stream, headers) => {
    if (isCompressed(headers))
      return afterRoom(stream, LIMITS.grpcReceiveBytesMax, () => handle(stream, headers));
    handle(stream, headers);
    if (stream.destroyed || stream.closed) return;
    // grpc-js has already taken the first bytes, and resumes a stream only when a read begins.
    stream.once("data", (first: Buffer) => {
      const length = first.length < PREFIX_BYTES ? LIMITS.grpcReceiveBytesMax : first.readUInt32BE(1);
      // grpc-js refuses a larger one.
      if (length <= LIMITS.smallBodyBytesMax || length > LIMITS.grpcReceiveBytesMax) return;
      stream.pause();
      afterRoom(stream, length, () => stream.resume());
    });
  };
}

/** Gives back the room that a stream does not need, when its whole message is here. */
export function keepMessage(stream: object | undefined, message: { readonly length: number }): void {
  if (stream !== undefined) holds.get(stream)?.keep(message.length);
}

/** Decompressing cannot be stopped, so it needs room from the beginning. */
function isCompressed({ "grpc-encoding": encoding = "identity" }: IncomingHttpHeaders): boolean {
  return encoding !== "identity";
}
