import type { ServerResponse } from "node:http";
import type { ErrorCode } from "../../core/error/code.ts";
import type { StatusError } from "../../core/error/error.ts";
import { parseDurationMs } from "../../core/value/duration.ts";
import { LIMITS } from "../../core/limits.ts";
import {
  HTTP_NO_CONTENT,
  HTTP_NOT_MODIFIED,
  HTTP_OK,
  HTTP_TOO_MANY_REQUESTS,
  HTTP_UNAVAILABLE,
  httpStatusOfError,
} from "../../wire/code.ts";
import type { KnowsDetail } from "../../wire/details.ts";
import { errorBody, type ErrorFormat } from "../../wire/error-body.ts";
import { escapeJson } from "../../core/value/escape-json.ts";
import { indentJson } from "../../wire/indent.ts";
import { challengeOf } from "../credential-refusal.ts";
import { compressed } from "./compression.ts";
import type { Mask } from "./mask.ts";
import { maskJson } from "./mask-selection.ts";
import type { ProtoCodec } from "./proto.ts";
import { callableName } from "./system-parameters.ts";

/** The answer of a call. */
export interface Answer {
  /** Compact JSON. */
  readonly json: string;
  /**
   * The same with `prettyPrint`, if it is already available, because indenting megabytes takes
   * long.
   */
  readonly indented?: string | undefined;
  /** Changes whenever the resource does. */
  readonly etag?: string | undefined;
  /** Status and headers that the caller preferred, instead of those of an ordinary success. */
  readonly preferred?:
    | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
    | undefined;
}

/** The response, over its own connection or as a part of a batch. */
export interface Reply {
  readonly status: number;
  /** By lower-case name. Without the length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** The code of an error. @default no error */
  readonly code?: ErrorCode;
  /**
   * Writes a stream after the head, instead of the body, and ends the response.
   *
   * @param ended called with the number of bytes at the end
   */
  readonly stream?: (response: ServerResponse, ended: (bytes: number) => void) => void;
}

/** The settings for showing a success. */
export interface SuccessView {
  readonly prettyPrint: boolean;
  readonly mask?: Mask | undefined;
  readonly callback?: string | undefined;
  /** Encodes the JSON as protobuf bytes; undefined for an answer in JSON. */
  readonly proto?: ((json: string) => Uint8Array) | undefined;
  /** The request's header `If-None-Match`, if it applies. */
  readonly ifNoneMatch?: string | undefined;
}

/** The settings for showing an error. */
export interface ErrorView {
  readonly format: ErrorFormat;
  readonly domain: string;
  readonly callback?: string | undefined;
  readonly knowsDetail?: KnowsDetail | undefined;
  /** Encodes the error as protobuf bytes; undefined for an answer in JSON. */
  readonly proto?: ProtoCodec | undefined;
}

/**
 * Without the right content type, the `googleapis` client returns strings (contract section 3.2).
 * The content belongs to the caller and may change at any time, so caches must revalidate it.
 */
export const JSON_HEADERS = {
  "content-type": "application/json; charset=UTF-8",
  "cache-control": "private, no-cache",
  "x-content-type-options": "nosniff",
} as const;

/** @see contract section 3.2, `alt` */
const PROTO_HEADERS = { ...JSON_HEADERS, "content-type": "application/x-protobuf" } as const;

const SCRIPT_HEADERS = { ...JSON_HEADERS, "content-type": "text/javascript; charset=UTF-8" } as const;

/**
 * A success: indented unless disabled, masked if requested. It has no `Retry-After` unless the
 * caller preferred such an answer, because the header makes gcloud fail (contract section 3.7).
 */
export function successReply(answer: Answer, view: SuccessView): Reply {
  const { etag } = answer;
  const { mask, callback, proto, ifNoneMatch } = view;
  if (etag !== undefined && ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) {
    return { status: HTTP_NOT_MODIFIED, headers: { etag }, body: "" };
  }
  const { status = HTTP_OK, headers: own } = answer.preferred ?? {};
  if (proto !== undefined) {
    return { status, headers: withMore(PROTO_HEADERS, etag, own), body: proto(maskedJson(answer, mask)) };
  }
  const body = escapeJson(view.prettyPrint ? indentedJson(answer, mask) : maskedJson(answer, mask));
  if (callback !== undefined) return scriptReply(body, callback);
  return { status, headers: withMore(JSON_HEADERS, etag, own), body };
}

function maskedJson({ json }: Answer, mask: Mask | undefined): string {
  return mask === undefined ? json : maskJson(json, mask);
}

function indentedJson(answer: Answer, mask: Mask | undefined): string {
  const available = mask === undefined ? answer.indented : undefined;
  return available ?? indentJson(maskedJson(answer, mask));
}

/** Avoids a new object for answers without additional headers. */
function withMore(
  headers: Readonly<Record<string, string>>,
  etag: string | undefined,
  own: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const tagged = etag === undefined ? headers : { ...headers, etag };
  return own === undefined ? tagged : { ...tagged, ...own };
}

/** The answer to OPTIONS, with the HTTP methods of the address. */
export function optionsReply(allow: string): Reply {
  return { status: HTTP_NO_CONTENT, headers: { allow }, body: "" };
}

/** An error, with `Retry-After` only if callers may retry soon. */
export function errorReply(error: StatusError, view: ErrorView): Reply {
  const status = httpStatusOfError(error);
  // A script element cannot read the status, so the body contains it.
  if (view.callback !== undefined)
    return { ...scriptReply(errorBody(error, view), view.callback), code: error.code };
  const retriable = status === HTTP_TOO_MANY_REQUESTS || status === HTTP_UNAVAILABLE;
  const allow = error.reason === "METHOD_NOT_ALLOWED" ? error.metadata["allow"] : undefined;
  const challenge = challengeOf(error, view.domain);
  return {
    status,
    headers: {
      ...(view.proto !== undefined ? PROTO_HEADERS : JSON_HEADERS),
      ...(retriable ? { "retry-after": retryAfterSeconds(error) } : {}),
      ...(allow === undefined ? {} : { allow }),
      ...rateLimitHeaders(error),
      ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
    },
    body: view.proto?.errorProto(error, view.domain) ?? errorBody(error, view),
    code: error.code,
  };
}

const WINDOW_SECONDS: Readonly<Record<string, number>> = { Second: 1, Minute: 60, Hour: 3_600 };

/**
 * For an exceeded rate limit: the limit, and the time until it resets.
 *
 * @see draft-ietf-httpapi-ratelimit-headers; contract 2, section 6.5
 */
function rateLimitHeaders(error: StatusError): Readonly<Record<string, string>> {
  if (error.reason !== "RATE_LIMIT_EXCEEDED") return {};
  const { quota_limit: limit = "", quota_limit_value: calls = "" } = error.metadata;
  const [, title = "", window = ""] = /^(\w+)RequestsPer(\w+)$/.exec(limit) ?? [];
  const name = title.toLowerCase();
  return {
    "ratelimit-policy": `"${name}";q=${calls};w=${WINDOW_SECONDS[window] ?? 1}`,
    ratelimit: `"${name}";r=0;t=${retryAfterSeconds(error)}`,
  };
}

/**
 * JSONP: always 200, with a script (contract section 3.2). The leading comment keeps browsers from
 * treating it as another type of file.
 */
function scriptReply(json: string, callback: string): Reply {
  const body = `// API callback\n${callableName(callback)}(${json});`;
  return { status: HTTP_OK, headers: SCRIPT_HEADERS, body };
}

/**
 * The reply for the wire: compressed if it is worth it and the caller accepts it. A small body, as
 * of most operations, is never compressed.
 *
 * @param isGzipPreferred whether the caller's `Accept-Encoding` prefers gzip
 */
export function encodedReply(reply: Reply, isGzipPreferred: boolean): Reply | Promise<Reply> {
  if (reply.body.length < LIMITS.compressBytesMin) return reply;
  const headers = merged(reply.headers, { vary: "Accept-Encoding" });
  if (!isGzipPreferred) return { ...reply, headers };
  return compressed(reply.body).then((body) => ({
    ...reply,
    headers: { ...headers, "content-encoding": "gzip" },
    body,
  }));
}

/**
 * Sends an encoded reply.
 *
 * @param more additional headers
 */
export function sendReply(
  response: ServerResponse,
  { status, headers, body }: Reply,
  more?: Readonly<Record<string, string>>,
): void {
  const all = more === undefined ? headers : merged(headers, more);
  if (body.length === 0 && headers["content-type"] === undefined) {
    response.writeHead(status, all).end();
    return;
  }
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...all, "content-length": length });
  // A text of ASCII only is copied unchanged.
  if (typeof body === "string" && length === body.length) response.end(body, "latin1");
  else response.end(body);
}

/** Sends the head of a streamed reply. @param more as in {@link sendReply} */
export function sendHead(
  response: ServerResponse,
  { status, headers }: Reply,
  more?: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, more === undefined ? headers : merged(headers, more));
}

/** Merges headers; the values of `vary` are joined. */
function merged(
  headers: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  const vary = [headers["vary"], more["vary"]].filter((each) => each !== undefined).join(", ");
  return { ...headers, ...more, ...(vary === "" ? {} : { vary }) };
}

/** Whole seconds, because clients parse it with `int()` (contract section 3.7). */
function retryAfterSeconds(error: StatusError): string {
  const info = error.details.find((detail) => detail["@type"] === "type.googleapis.com/google.rpc.RetryInfo");
  const delay = info?.["retryDelay"];
  const ms = typeof delay === "string" ? parseDurationMs(delay) : undefined;
  return String(Math.max(1, Math.ceil((ms ?? 1_000) / 1_000)));
}

/** Weak comparison, which `If-None-Match` requires. @see RFC 9110, section 13.1.2 */
function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || opaqueTag(tag) === opaqueTag(etag));
}

function opaqueTag(etag: string): string {
  return etag.trim().replace(/^W\//, "");
}
