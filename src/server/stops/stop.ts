import type { IncomingMessage, ServerResponse } from "node:http";
import { DOMAIN_DEFAULT, serviceError } from "../../core/error/error.ts";
import { httpStatusOfError } from "../../wire/code.ts";
import { errorBody } from "../../wire/error-body.ts";
import type { Exchange } from "../front.ts";

/** The answer at an address that belongs to no edge. */
export interface Page {
  readonly status: number;
  /** By lower-case name. Without the length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * Answers GET and HEAD at one path. It gets the query unparsed and must not throw: there is no
 * caller yet, and credentials were not checked.
 */
export type Stop = (request: IncomingMessage, query: string) => Page | Promise<Page>;

/** The stops before the edges, by exact path. */
export type Stops = ReadonlyMap<string, Stop>;

/**
 * Answers a request at a stop, when its connection has room for another answer. Methods other than
 * GET and HEAD are rejected.
 */
export function answerAtStop(stop: Stop, query: string, { request, response, share }: Exchange): void {
  share.begin(response, () => {
    if (request.method !== "GET" && request.method !== "HEAD") return sendPage(response, notAllowed(request));
    const page = stop(request, query);
    if (page instanceof Promise) void page.then((made) => sendPage(response, made));
    else sendPage(response, page);
  });
}

function sendPage(response: ServerResponse, { status, headers, body }: Page): void {
  // The caller has disconnected.
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}

const ALLOW = "GET, HEAD";

function notAllowed({ method = "" }: IncomingMessage): Page {
  const message = `${method} is not possible here; use GET or HEAD.`;
  const refusal = serviceError("METHOD_NOT_ALLOWED", message, { metadata: { method, allow: ALLOW } });
  return {
    status: httpStatusOfError(refusal),
    headers: { "content-type": "application/json; charset=UTF-8", allow: ALLOW },
    body: errorBody(refusal, { format: 2, domain: DOMAIN_DEFAULT }),
  };
}
