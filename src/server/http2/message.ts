import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

/**
 * Node presents requests and responses of HTTP/2 like those of HTTP/1.1, on our servers and on
 * users'. This file handles the differences.
 */

/** The stream of a request or a response; undefined over HTTP/1.1. */
export function streamOf(message: IncomingMessage | ServerResponse): ServerHttp2Stream | undefined {
  return "stream" in message ? (message.stream as ServerHttp2Stream) : undefined;
}

/**
 * Copies the host of an HTTP/2 request to the place where HTTP/1.1 has it. @see RFC 9113, section
 * 8.3.1
 */
export function nameHost({ headers }: IncomingMessage): void {
  const authority = headers[":authority"];
  if (typeof authority === "string") headers.host = authority;
}
