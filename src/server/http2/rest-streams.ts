import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Clock } from "../../core/ports/clock.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { headersTooLarge } from "../header-refusals.ts";
import { type HttpListener, refuse } from "../front.ts";
import type { Http2Options } from "./http2-server.ts";

/** The head of a request. */
export interface Head {
  readonly headers: IncomingHttpHeaders;
  readonly flags: number;
  /** Names and values alternate. */
  readonly rawHeaders: readonly string[];
}

/** Passes REST requests over HTTP/2 to the listener, with the same limits as a port of HTTP/1.1. */
export class RestStreams {
  readonly #listener: HttpListener;
  readonly #clock: Clock;

  constructor(options: Pick<Http2Options, "http" | "clock">) {
    this.#listener = options.http;
    this.#clock = options.clock;
  }

  /** Answers the request of a stream that has not been read from yet. */
  take(stream: ServerHttp2Stream, { headers, flags, rawHeaders }: Head): void {
    const { Http2ServerRequest, Http2ServerResponse } = process.getBuiltinModule("node:http2");
    // Node's compatibility classes behave like HTTP/1.1 in everything that the listener uses.
    const request = new Http2ServerRequest(stream, headers, {}, rawHeaders) as unknown as IncomingMessage;
    const response = new Http2ServerResponse(stream) as unknown as ServerResponse;
    // A stream that waited for its turn may have ended meanwhile, and the request would not notice.
    if (stream.readableEnded && (flags & END_STREAM) === 0) request.push(null);
    const isTooLarge = bytesOf(rawHeaders) > LIMITS.headerBytesMax;
    if (isTooLarge) return refuse(request, response, headersTooLarge());
    if ((flags & END_STREAM) === 0) this.#expectBody(stream, request, response);
    // Do not ask for a body that is too large for any call.
    const isWelcome = Number(headers["content-length"] ?? 0) <= LIMITS.batchBytesMax;
    if (headers.expect === "100-continue" && isWelcome) response.writeContinue();
    this.#listener(request, response);
  }

  /** The body must arrive in time. */
  #expectBody(stream: ServerHttp2Stream, request: IncomingMessage, response: ServerResponse): void {
    const timer = this.#clock.after(LIMITS.requestTimeoutMs, () => {
      if (stream.readableEnded || stream.destroyed) return;
      if (stream.headersSent) return stream.close();
      // After the answer has left, the rest of the request is not awaited.
      stream.on("wantTrailers", () => this.#clock.soon(() => stream.close()));
      refuse(request, response, serviceError("REQUEST_TIMED_OUT", "The request did not arrive in time."));
    });
    stream.on("end", () => timer.cancel());
    stream.on("close", () => timer.cancel());
  }
}

const END_STREAM = 1;

/** The size of address and headers, as they would be written in HTTP/1.1. */
function bytesOf(rawHeaders: readonly string[]): number {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}
