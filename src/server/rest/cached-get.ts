import type { IncomingMessage, ServerResponse } from "node:http";
import { HTTP_OK } from "../../wire/code.ts";
import type { Caller } from "../../core/caller.ts";
import type { AnswerCache, AnswerKey, Ticket } from "../answer-cache.ts";
import { prefersGzip } from "./compression.ts";
import type { Reply } from "./reply.ts";
import type { ToldRequest } from "./told-request.ts";

/** An answer, ready to be sent again. */
export interface CachedAnswer {
  /** The operation's, as the router reads it from the address: what a caller must be allowed to get. */
  readonly name: string;
  /** Names and values in turn, as `writeHead` takes them fastest. */
  readonly headers: readonly string[];
  /** Text of ASCII alone, which leaves with the headers in one write; bytes of everything else. */
  readonly body: string | Uint8Array;
}

/** A poll whose answer may be kept. */
export interface CachedGet extends AnswerKey {
  readonly name: string;
  readonly ticket: Ticket;
}

/** A GET that may be answered by what was kept of an earlier one, and whose answer may be kept. */
export interface CachedGetRequest extends AnswerKey {
  readonly caller: Caller;
}

/** The address of one operation with any query: a version, and the name spelled as the router reads it. */
const ADDRESS =
  /^\/[^/:?]+\/((?:[^/%?]+\/)*operations\/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}))(?:\?|$)/;

/** Polls for one of the caller's users: they count for that one, and it stands in the query. */
const QUOTA_USER = /[?&]\$?(?:quotaUser|user[iI]p)=/;

/**
 * Headers that the answer to a poll does not depend on, in lower case. Those that the caller is made of are among them:
 * what they say is in the view.
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

/** Before the target in the key of a caller that prefers gzip: no target begins so. */
const GZIP = "gzip ";

/** The key of a plain GET: its whole target, and its encoding. Undefined where another header may have a say in the answer. */
export function cachedGetKeyOf(request: IncomingMessage): string | undefined {
  const { method, headers, url } = request;
  if (method !== "GET") return undefined;
  let isGzipPreferred = false;
  // Keys of an object rather than the names as they came: they need neither a copy in lower case nor a new hash.
  for (const name in headers) {
    if (name === "accept-encoding") isGzipPreferred = prefersGzip(headers[name]);
    else if (!name.startsWith(":") && !INDIFFERENT.has(name)) return undefined;
  }
  return isGzipPreferred ? `${GZIP}${url}` : url;
}

/** Takes a ticket for a poll, before anything is read for it; undefined where the target is not plainly an operation. */
export function beginCachedGet(
  cache: AnswerCache<CachedAnswer>,
  target: string,
  { view, key }: AnswerKey,
): CachedGet | undefined {
  const [, name, id] = QUOTA_USER.test(target) ? [] : (ADDRESS.exec(target) ?? []);
  return name === undefined || id === undefined ? undefined : { view, key, name, ticket: cache.begin(id) };
}

/** Keeps the encoded reply to a poll if it is an operation's, and hands the ticket in. */
export function endCachedGet(cache: AnswerCache<CachedAnswer>, cachedGet: CachedGet, reply: Reply): void {
  const { key, ticket } = cachedGet;
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
    name: cachedGet.name,
    headers: lines,
    body: bytes === body.length ? body : Buffer.from(body),
  };
  // Strings of one or two bytes a character, and some hundred bytes for the entry itself.
  cache.keep(
    ticket,
    cachedGet,
    answer,
    (typeof answer.body === "string" ? 2 : 1) * bytes + 2 * (key.length + cachedGet.name.length) + 512,
  );
}

/** Sends a kept answer. */
export function sendCached(
  response: ServerResponse,
  { headers, body }: CachedAnswer,
  told: ToldRequest | undefined,
): void {
  response.writeHead(HTTP_OK, headers as string[]);
  if (typeof body === "string") response.end(body, "latin1");
  else response.end(body);
  told?.endKept({ status: HTTP_OK, body });
}
