import { LIMITS } from "../core/limits.ts";
import type { Schema, SchemaIssue } from "../core/method/schema.ts";
import type { Operation } from "../core/operation/operation.ts";
import { isCredential } from "./headers.ts";

/** The method of operations that are requests to the upstream. */
export const HTTP_REQUEST = "httpRequest";

/** A header: its name and its value, unchanged. */
export type Header = readonly [name: string, value: string];

/** A request to the upstream, as stored with an operation. */
export interface KeptRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** The end-to-end headers, without credentials. */
  readonly headers: readonly Header[];
  /** In base64; empty for none. */
  readonly body: string;
}

/** The answer of the upstream, as stored with an operation. */
export interface KeptAnswer {
  readonly status: number;
  readonly statusText: string;
  /** The end-to-end headers, without `Set-Cookie`. */
  readonly headers: readonly Header[];
  /** In base64, unchanged: a compressed body stays compressed. Empty for none. */
  readonly body: string;
  readonly sizeBytes: number;
  /** The hash of the body, in hexadecimal digits. */
  readonly sha256: string;
}

/** The stored request of an operation. */
export function keptRequestOf({ request }: Operation): KeptRequest {
  // `KEPT_REQUEST` has validated it.
  return JSON.parse(request) as KeptRequest;
}

/** The stored answer of an operation; undefined if there is none. */
export function keptAnswerOf({ response }: Operation): KeptAnswer | undefined {
  // Only the handler of the method writes this text.
  return response === null ? undefined : (JSON.parse(response.json) as KeptAnswer);
}

/**
 * The target of an operation in lists: method and path, without the query, which may contain
 * secrets.
 */
export function targetText({ method, target }: Pick<KeptRequest, "method" | "target">): string {
  const path = target.split("?", 1)[0] ?? "";
  // Replaces bytes that no address should contain.
  return `${method} ${path}`.slice(0, LIMITS.targetLengthMax).replaceAll(/[^\x20-\x7e]/g, "?");
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const TARGET = /^\/[\x21-\xff]*$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const METHOD_LENGTH_MAX = 32;
/** The headers of a request, and those that the proxy adds. */
const HEADERS_MAX = LIMITS.headersMax + 8;

/**
 * The schema of stored requests. Callers may also start them by name, so it permits only what HTTP
 * can send to a server.
 */
export const KEPT_REQUEST: Schema<KeptRequest> = {
  "~standard": {
    version: 1,
    vendor: "longrunning",
    validate: (value) => {
      const issues = issuesOf(value);
      return issues.length === 0 ? { value: value as KeptRequest } : { issues };
    },
  },
};

function issuesOf(value: unknown): SchemaIssue[] {
  if (typeof value !== "object" || value === null) return [{ message: "expected an object" }];
  const { method, target, headers, body, ...others } = value as Readonly<Record<string, unknown>>;
  const issues = Object.keys(others).map((key) => ({ message: "unknown field", path: [key] }));
  const check = (isFine: boolean, key: string, message: string): void => {
    if (!isFine) issues.push({ message: `expected ${message}`, path: [key] });
  };
  const isMethod = isText(method, METHOD_LENGTH_MAX, TOKEN) && method !== "CONNECT";
  check(isMethod, "method", "a method of HTTP other than CONNECT, such as POST");
  check(
    isText(target, LIMITS.proxyTargetLengthMax, TARGET),
    "target",
    "a path with a query, such as /reports?year=2026",
  );
  const isList = Array.isArray(headers) && headers.length <= HEADERS_MAX && headers.every(isHeader);
  check(
    isList,
    "headers",
    'a list of names and values, such as [["accept", "text/csv"]], without credentials',
  );
  check(isBase64(body), "body", `base64 of ${LIMITS.proxyRequestBytesMax} bytes at most`);
  return issues;
}

function isBase64(value: unknown): boolean {
  if (typeof value !== "string" || value.length > BODY_LENGTH_MAX) return false;
  // Node ignores characters that are not base64. A pattern would take a hundred milliseconds for a
  // megabyte.
  return Buffer.from(value, "base64").toString("base64") === value;
}

/** The longest body in base64. */
const BODY_LENGTH_MAX = Math.ceil(LIMITS.proxyRequestBytesMax / 3) * 4;

function isText(value: unknown, lengthMax: number, form: RegExp): value is string {
  return typeof value === "string" && value.length <= lengthMax && form.test(value);
}

function isHeader(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [name, text] = value as unknown[];
  return (
    isText(name, LIMITS.headerBytesMax, TOKEN) &&
    !isCredential(name) &&
    isText(text, LIMITS.headerBytesMax, VALUE)
  );
}
