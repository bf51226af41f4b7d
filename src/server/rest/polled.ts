import type { IncomingMessage, ServerResponse } from "node:http";
import { LIMITS } from "../../core/limits.ts";
import { HTTP_OK } from "../../wire/code.ts";
import type { Rendered, Ticket } from "../../engine/rendered.ts";
import type { Reply } from "./reply.ts";

/** The bytes of an answer, ready to be sent again. */
export interface PolledAnswer {
  /** Names and values in turn, as `writeHead` takes them fastest. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Text of ASCII alone, which nearly all is, is written as it is and need not be encoded. */
  readonly encoding: "latin1" | "utf8";
}

/** A poll whose answer may be kept. */
export interface Poll {
  readonly key: string;
  readonly ticket: Ticket;
}

/** The address of one operation, spelled as we spell names, with any query. */
const ADDRESS = /\/operations\/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?:\?|$)/;

/** Headers that the answer to a poll does not depend on, as long as it is too small to be compressed. In lower case. */
const INDIFFERENT: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "keep-alive",
  "user-agent",
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "content-type",
  "x-goog-api-client",
  "x-goog-request-params",
  "x-goog-user-project",
  "sec-fetch-mode",
  "sec-fetch-dest",
  "cookie",
  "cache-control",
  "pragma",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "x-request-id",
  "x-cloud-trace-context",
  "traceparent",
  "tracestate",
]);

/** The key of a plain GET: its whole target. Undefined where a header may have a say in the answer. */
export function pollKeyOf(request: IncomingMessage): string | undefined {
  if (request.method !== "GET") return undefined;
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (!INDIFFERENT.has((rawHeaders[index] ?? "").toLowerCase())) return undefined;
  }
  return request.url;
}

/** Takes a ticket for a poll, before anything is read for it; undefined where the target is not plainly an operation. */
export function beginPoll(rendered: Rendered<PolledAnswer>, key: string | undefined): Poll | undefined {
  const id = key === undefined ? undefined : ADDRESS.exec(key)?.[1];
  return key === undefined || id === undefined ? undefined : { key, ticket: rendered.begin(id) };
}

/** Keeps the reply to a poll if it is an operation's and small, and hands the ticket in. */
export function endPoll(rendered: Rendered<PolledAnswer>, { key, ticket }: Poll, reply: Reply): void {
  const { status, headers, body } = reply;
  const isText = typeof body === "string" && body.length < LIMITS.compressBytesMin;
  if (status !== HTTP_OK || headers["etag"] === undefined || !isText) {
    rendered.giveUp(ticket);
    return;
  }
  const length = Buffer.byteLength(body);
  const lines: string[] = [];
  for (const name in headers) lines.push(name, headers[name] ?? "");
  lines.push("content-length", String(length));
  const answer: PolledAnswer = {
    headers: lines,
    body,
    encoding: length === body.length ? "latin1" : "utf8",
  };
  // Strings of one or two bytes a character, and some hundred bytes for the entry itself.
  rendered.keep(ticket, key, answer, 2 * (body.length + key.length) + 512);
}

/** Sends what was kept. */
export function sendPolled(response: ServerResponse, { headers, body, encoding }: PolledAnswer): void {
  response.writeHead(HTTP_OK, headers as string[]).end(body, encoding);
}
