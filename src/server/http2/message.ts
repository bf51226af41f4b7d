import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

/**
 * Requests and responses of HTTP/2 come in Node's likeness of HTTP/1.1, whoever's server they came to. Here is in what they
 * differ.
 */

/** The stream of a request or a response; undefined over HTTP/1.1. */
export function streamOf(message: IncomingMessage | ServerResponse): ServerHttp2Stream | undefined {
  return "stream" in message ? (message.stream as ServerHttp2Stream) : undefined;
}

/** Writes the host that a request of HTTP/2 names where HTTP/1.1 has it. @see RFC 9113, section 8.3.1 */
export function nameHost({ headers }: IncomingMessage): void {
  const authority = headers[":authority"];
  if (typeof authority === "string") headers.host = authority;
}
