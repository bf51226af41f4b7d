import type { ServerResponse } from "node:http";
import type { StatusError } from "../../core/error.ts";
import { parseDurationMs } from "../../core/duration.ts";
import {
  HTTP_NO_CONTENT,
  HTTP_NOT_MODIFIED,
  HTTP_OK,
  HTTP_TOO_MANY_REQUESTS,
  HTTP_UNAVAILABLE,
  httpStatusOfError,
} from "../../wire/code.ts";
import { errorBody, type ErrorView } from "../../wire/error-body.ts";
import { escapeJson, indentJson } from "../../wire/indent.ts";
import { maskJson } from "./field-mask.ts";
import type { AnswerSettings } from "./system-parameters.ts";

/** What a call answers. */
export interface Answer {
  /** Compact JSON. */
  readonly json: string;
  /** The message that the JSON is, for field masks. */
  readonly message: "Operation" | "ListOperationsResponse" | "Empty" | "free";
  /** Changes whenever the resource does. */
  readonly etag?: string;
}

/**
 * Without the right content type the `googleapis` client hands out strings (contract section 3.2). What is served belongs
 * to the caller and may change at any time, so nobody in between keeps it without asking.
 */
const JSON_HEADERS = {
  "content-type": "application/json; charset=UTF-8",
  "cache-control": "private, no-cache",
  "x-content-type-options": "nosniff",
} as const;

/**
 * Sends a success: indented unless asked otherwise, masked where asked. Never with `Retry-After`, which makes gcloud fail
 * (contract section 3.7).
 *
 * @param ifNoneMatch the request's header of that name
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for a mask with unknown fields
 */
export function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  settings: AnswerSettings,
  ifNoneMatch?: string,
): void {
  const { etag } = answer;
  if (etag !== undefined && ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) {
    response.writeHead(HTTP_NOT_MODIFIED, { etag }).end();
    return;
  }
  const json = settings.fields === "" ? answer.json : maskJson(answer.json, settings.fields, answer.message);
  const text = escapeJson(settings.prettyPrint ? indentJson(json) : json);
  response.writeHead(HTTP_OK, {
    ...JSON_HEADERS,
    ...(etag === undefined ? {} : { etag }),
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Says which HTTP methods the address has. */
export function sendOptions(response: ServerResponse, allow: string): void {
  response.writeHead(HTTP_NO_CONTENT, { allow }).end();
}

/** Sends an error, with `Retry-After` where callers may try again soon, and only there. */
export function sendError(response: ServerResponse, error: StatusError, view: ErrorView): void {
  const status = httpStatusOfError(error);
  const text = errorBody(error, view);
  const retriable = status === HTTP_TOO_MANY_REQUESTS || status === HTTP_UNAVAILABLE;
  const allow = error.reason === "METHOD_NOT_ALLOWED" ? error.metadata["allow"] : undefined;
  response.writeHead(status, {
    ...JSON_HEADERS,
    ...(retriable ? { "retry-after": retryAfterSeconds(error) } : {}),
    ...(allow === undefined ? {} : { allow }),
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Whole seconds: clients parse it with `int()` (contract section 3.7). */
function retryAfterSeconds(error: StatusError): string {
  const info = error.details.find((detail) => detail["@type"] === "type.googleapis.com/google.rpc.RetryInfo");
  const delay = info?.["retryDelay"];
  const ms = typeof delay === "string" ? parseDurationMs(delay) : undefined;
  return String(Math.max(1, Math.ceil((ms ?? 1_000) / 1_000)));
}

/** Weak comparison, as `If-None-Match` is to be read. @see RFC 9110, section 13.1.2 */
function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || opaqueTag(tag) === opaqueTag(etag));
}

function opaqueTag(etag: string): string {
  return etag.trim().replace(/^W\//, "");
}
