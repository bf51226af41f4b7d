import type { IncomingMessage, ServerResponse } from "node:http";
import { HTTP_OK } from "../../wire/code.ts";
import type { Caller } from "../../core/caller.ts";
import type { AnswerCache, AnswerKey, Ticket } from "../answer-cache.ts";
import { prefersGzip } from "./compression.ts";
import type { Reply } from "./reply.ts";
import { templateOfGet } from "./route-template.ts";
import type { ToldRequest } from "./told-request.ts";

/** An answer, ready to be sent again. */
export interface CachedAnswer {
  /** Alternating names and values, the fastest form for `writeHead`. */
  readonly headers: readonly string[];
  /** A text of ASCII only, which is sent together with the headers; otherwise bytes. */
  readonly body: string | Uint8Array;
  /** The bytes of the body. */
  readonly bytes: number;
  /** The template of the address, for telemetry. */
  readonly route: string;
}

/** A poll whose answer may be kept. */
export interface CachedGet extends AnswerKey {
  readonly ticket: Ticket;
  /** The path and the query. */
  readonly target: string;
}

/** A GET that a kept answer may serve, and whose answer may be kept. */
export interface CachedGetRequest extends AnswerKey {
  readonly caller: Caller;
  /** The path and the query. */
  readonly target: string;
}

/** The address of one operation with any query: a version, and the name as the router reads it. */
const ADDRESS =
  /^\/[^/:?]+\/((?:[^/%?]+\/)*operations\/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}))(?:\?|$)/;

/** The length of `operations/` and an id. */
const NAME_END_LENGTH = 47;

/** Parameters that name the caller's end user: a poll with one counts for that user's quota. */
const QUOTA_USER = /[?&]\$?(?:quotaUser|user[iI]p)=/;

/**
 * Headers that do not change the answer to a poll, in lower case. The headers that determine the
 * caller are included, because the view covers them.
 */
const INDIFFERENT: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "keep-alive",
  "user-agent",
  "accept",
  "accept-language",
  "authorization",
  "content-type",
  "x-goog-api-client",
  "x-goog-api-key",
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

/** The prefix of the key for a caller that prefers gzip; no target begins with it. */
const GZIP = "gzip ";

/**
 * The key of a plain GET: its whole target, and its encoding. Undefined if another header may
 * change the answer.
 */
export function cachedGetKeyOf(request: IncomingMessage): string | undefined {
  const { method, headers, url } = request;
  if (method !== "GET") return undefined;
  let isGzipPreferred = false;
  // Iterates over the parsed headers rather than the raw names: this needs neither a lower-case
  // copy nor a new hash.
  for (const name in headers) {
    if (name === "accept-encoding") isGzipPreferred = prefersGzip(headers[name]);
    else if (!name.startsWith(":") && !INDIFFERENT.has(name)) return undefined;
  }
  return isGzipPreferred ? `${GZIP}${url}` : url;
}

/**
 * Takes a ticket for a poll before anything is read; undefined if the target is not plainly an
 * operation.
 */
export function beginCachedGet(
  cache: AnswerCache<CachedAnswer>,
  target: string,
  { view, key }: AnswerKey,
): CachedGet | undefined {
  const id = QUOTA_USER.test(target) ? undefined : ADDRESS.exec(target)?.[2];
  return id === undefined ? undefined : { view, key, target, ticket: cache.begin(id) };
}

/**
 * The operation's name in the address of a poll, for the permission check. It reads every poll, so
 * it is faster than {@link ADDRESS} and less strict; the two agree on each address whose answer is
 * kept.
 */
export function nameIn(target: string): string | undefined {
  const question = target.indexOf("?");
  const end = question === -1 ? target.length : question;
  const start = target.indexOf("/", 1) + 1;
  const isOperation = start > 0 && target.startsWith("operations/", end - NAME_END_LENGTH);
  return isOperation && start <= end - NAME_END_LENGTH ? target.slice(start, end) : undefined;
}

/** Keeps the encoded reply to a poll if it contains an operation, and hands the ticket in. */
export function endCachedGet(cache: AnswerCache<CachedAnswer>, cachedGet: CachedGet, reply: Reply): void {
  const { key, ticket, target } = cachedGet;
  const { status, headers, body } = reply;
  if (status !== HTTP_OK || headers["etag"] === undefined) {
    cache.giveUp(ticket);
    return;
  }
  const bytes = Buffer.byteLength(body);
  const lines: string[] = [];
  for (const name in headers) lines.push(name, headers[name] ?? "");
  lines.push("content-length", String(bytes));
  const answer = {
    headers: lines,
    body: bytes === body.length ? body : Buffer.from(body),
    bytes,
    route: templateOfGet(target),
  };
  // One or two bytes per character, and a few hundred bytes for the entry itself.
  cache.keep(
    ticket,
    cachedGet,
    answer,
    (typeof answer.body === "string" ? 2 : 1) * bytes + 2 * key.length + 512,
  );
}

/** Sends a kept answer. */
export function sendCached(
  response: ServerResponse,
  { headers, body, bytes, route }: CachedAnswer,
  told: ToldRequest | undefined,
): void {
  response.writeHead(HTTP_OK, headers as string[]);
  if (typeof body === "string") response.end(body, "latin1");
  else response.end(body);
  told?.endKept({ status: HTTP_OK, body, bytes }, route);
}
