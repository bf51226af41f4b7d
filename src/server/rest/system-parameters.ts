import type { IncomingHttpHeaders } from "node:http";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ErrorFormat } from "../../wire/error-body.ts";
import type { ProtoCodec } from "./proto.ts";
import type { QueryParameter } from "./query.ts";

/** The settings in the system parameters of a request. */
export interface AnswerSettings {
  readonly prettyPrint: boolean;
  /** Whether enums are numbers (`alt=json;enum-encoding=int`). Our own messages have none. */
  readonly enumsAsNumbers?: boolean;
  /** The `alt` for the framing of a watch; undefined if not given. */
  readonly framing?: "events" | "array";
  /** The field mask; empty for the whole answer. */
  readonly fields: string;
  /** The caller's own timeout, from its `X-Server-Timeout`. */
  readonly serverTimeoutMs?: number;
  /** The caller's end user, for quotas. */
  readonly quotaUser?: string;
}

/** The format of the answer or error. */
export interface Envelope {
  readonly format: ErrorFormat;
  /** The function that a JSONP answer calls. */
  readonly callback?: string | undefined;
  /** Encodes the answer as protobuf bytes; undefined for JSON. */
  readonly proto?: ProtoCodec | undefined;
}

const DEFAULTS: AnswerSettings = { prettyPrint: true, fields: "" };

/** A parameter that every method accepts, and its effect. */
interface SystemParameter {
  readonly spellings: readonly string[];
  /** The header that is used if the query lacks the parameter. In lower case. */
  readonly header?: string;
  /** Absent if the parameter is accepted without effect, or was read before. */
  apply?(value: string): Partial<AnswerSettings>;
}

/**
 * All system parameters except `$.xgafv`. The first occurrence counts, in any spelling, and the
 * query takes precedence over the header.
 *
 * @see https://cloud.google.com/apis/docs/system-parameters; contract section 3.2
 */
const SYSTEM_PARAMETERS: readonly SystemParameter[] = [
  { spellings: ["$alt", "alt"], apply: checkAlt },
  { spellings: ["$fields", "fields"], header: "x-goog-fieldmask", apply: (fields) => ({ fields }) },
  { spellings: ["$prettyPrint", "prettyPrint", "pp"], apply: (value) => ({ prettyPrint: flag(value) }) },
  // Part of the envelope.
  { spellings: ["$callback", "callback"] },
  // Credentials and quota, which are read elsewhere.
  { spellings: ["$key", "key"] },
  { spellings: ["access_token", "$access_token"] },
  { spellings: ["oauth_token", "$oauth_token"] },
  { spellings: ["bearer_token"] },
  {
    spellings: ["$quotaUser", "quotaUser", "userip", "userIp"],
    header: "x-goog-quota-user",
    apply: checkQuotaUser,
  },
  { spellings: ["$userProject"] },
  // Media upload, which operations do not have.
  { spellings: ["uploadType", "$uploadType"] },
  { spellings: ["upload_protocol", "$upload_protocol"] },
  // The service has a single version.
  { spellings: ["$apiVersion"] },
  // Read with the body and the HTTP method.
  { spellings: ["$ct"] },
  { spellings: ["$httpMethod"] },
  { spellings: [], header: "x-server-timeout", apply: serverTimeout },
  // Python's discovery client offers these on every method.
  { spellings: ["trace", "$trace"] },
  { spellings: ["strict"] },
];

const BY_SPELLING: ReadonlyMap<string, SystemParameter> = new Map(
  SYSTEM_PARAMETERS.flatMap((parameter) => parameter.spellings.map((spelling) => [spelling, parameter])),
);

const WITH_HEADER = SYSTEM_PARAMETERS.filter(({ header }) => header !== undefined);

const ERROR_FORMAT = "$.xgafv";

/**
 * The format of error bodies. It is read first, because it affects all other errors. The last
 * occurrence counts. Firebase's clients send it in a header.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID unless it is `1` or `2`, in Google's
 * words
 * @see contract sections 3.2, 4.4
 */
export function errorFormatOf(query: readonly QueryParameter[], headers: IncomingHttpHeaders): ErrorFormat {
  const value = query.findLast(([name]) => name === ERROR_FORMAT)?.[1];
  if (value === undefined) return headers["x-goog-api-format-version"] === "1" ? 1 : 2;
  if (value === "2") return 2;
  if (value === "1") return 1;
  throw invalidValue(ERROR_FORMAT, value);
}

/**
 * Removes the system parameters from a query, and reads those that are headers.
 *
 * @returns the settings, and the remaining parameters for the call
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID
 */
export function readSystemParameters(
  query: readonly QueryParameter[],
  headers: IncomingHttpHeaders,
): {
  readonly settings: AnswerSettings;
  readonly own: readonly QueryParameter[];
} {
  if (query.length === 0 && !WITH_HEADER.some(({ header = "" }) => header in headers))
    return { settings: DEFAULTS, own: query };
  let settings = DEFAULTS;
  const seen = new Set<SystemParameter>();
  const own: QueryParameter[] = [];
  for (const parameter of query) {
    const [name, value] = parameter;
    const known = BY_SPELLING.get(name);
    if (known === undefined) {
      if (name !== ERROR_FORMAT) own.push(parameter);
    } else if (!seen.has(known)) {
      seen.add(known);
      settings = { ...settings, ...known.apply?.(value) };
    }
  }
  for (const known of WITH_HEADER) {
    const value = headers[known.header ?? ""];
    if (typeof value === "string" && !seen.has(known)) settings = { ...settings, ...known.apply?.(value) };
  }
  return { settings, own };
}

/**
 * Part of the envelope; only checked here. Enums are always numbers in our JSON, as
 * `enum-encoding=int` requests.
 */
function checkAlt(value: string): Partial<AnswerSettings> {
  if (isEvents(value)) return { framing: "events" };
  if (isJson(value)) {
    const framing = value === "" ? {} : ({ framing: "array" } as const);
    return value.includes(";") ? { ...framing, enumsAsNumbers: true } : framing;
  }
  if (isProto(value)) return {};
  if (value.toLowerCase() === "media")
    throw refusal("alt", value, 'Unsupported alt type "media" for non byte stream request.');
  throw invalidValue("alt", value);
}

function isJson(value: string): boolean {
  const alt = value.toLowerCase().replaceAll(" ", "");
  return alt === "" || alt === "json" || alt === "json;enum-encoding=int";
}

function isEvents(value: string): boolean {
  return value.toLowerCase() === "sse";
}

/**
 * Only a watch can be sent as events (`alt=sse`). @throws {StatusError} INVALID_ARGUMENT
 * PARAMETER_INVALID
 */
export function checkNoEvents({ framing }: AnswerSettings): void {
  if (framing === "events") throw invalidValue("alt", "sse");
}

/**
 * The framing of a watch: events, unless JSON is requested by name, as Google's clients do.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for formats that cannot be streamed:
 * protobuf bytes and scripts
 */
export function framingOf(
  { framing = "events" }: AnswerSettings,
  { callback, proto }: Pick<Envelope, "callback" | "proto">,
): "events" | "array" {
  if (proto !== undefined)
    throw refusal("alt", "proto", "A watch has no protobuf form over REST; use gRPC, or leave alt out.");
  if (callback !== undefined)
    throw refusal("callback", callback, "A watch cannot be a script; leave callback out.");
  return framing;
}

function isProto(value: string): boolean {
  return value.toLowerCase() === "proto";
}

/**
 * Whether the caller wants answers and errors as protobuf bytes (`alt=proto`).
 *
 * @param inBatch batches are text and cannot contain bytes (contract section 5.4)
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID
 */
export function wantsProto(query: readonly QueryParameter[], inBatch: boolean): boolean {
  const value = query.find(([name]) => name === "alt" || name === "$alt")?.[1] ?? "";
  if (!isProto(value)) return false;
  if (inBatch) throw refusal("alt", value, "A call of a batch cannot answer with protobuf bytes.");
  return true;
}

/**
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID if the answer is a document and not a
 * message
 */
export function checkProto<Maker>(maker: Maker | undefined): Maker {
  if (maker !== undefined) return maker;
  throw refusal("alt", "proto", "This document has no protobuf form; leave alt out.");
}

function checkQuotaUser(value: string): Partial<AnswerSettings> {
  if (value.length <= LIMITS.quotaUserLengthMax) return value === "" ? {} : { quotaUser: value };
  const rule = `at most ${LIMITS.quotaUserLengthMax} characters, got ${value.length}`;
  throw refusal("quotaUser", value, `Invalid quota user: expected ${rule}.`);
}

/** Reads seconds from a header. The answer is sent a little earlier, so that it arrives in time. */
function serverTimeout(value: string): Partial<AnswerSettings> {
  if (!/^\s*\d{1,9}(?:\.\d{0,9})?\s*$/.test(value)) {
    const shown = value.slice(0, 100);
    throw refusal(
      "X-Server-Timeout",
      value,
      `Invalid header X-Server-Timeout: expected seconds, such as 30, got "${shown}".`,
    );
  }
  const ms = Number(value) * 1_000;
  return { serverTimeoutMs: ms - Math.min(ms / 10, LIMITS.serverTimeoutMarginMs) };
}

const CALLBACK = /^[A-Za-z0-9_$.[\]]+$/;
const NOT_IN_CALLBACK = /[^A-Za-z0-9_$.[\]]/g;

/**
 * The function that the answer should call (JSONP), whether its name is valid or not. Only a GET
 * for JSON can request it, because a script element sends a GET; otherwise the parameter has no
 * effect.
 *
 * @see contract section 3.2
 */
export function callbackOf(query: readonly QueryParameter[], method: string): string | undefined {
  if (method !== "GET") return undefined;
  const callback = query.find(([name]) => name === "callback" || name === "$callback")?.[1];
  if (callback === undefined || callback === "") return undefined;
  const alt = query.find(([name]) => name === "alt" || name === "$alt")?.[1] ?? "";
  return isJson(alt) ? callback : undefined;
}

/**
 * The name by which the answer calls the callback. Invalid characters are removed, even in the
 * error that reports them: Google writes them out, but then a link to this server could contain any
 * script.
 */
export function callableName(callback: string): string {
  return callback.replaceAll(NOT_IN_CALLBACK, "") || "callback";
}

/** @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID, in Google's words where JSONP is on */
export function checkCallback(callback: string, jsonp: boolean): void {
  if (!jsonp) {
    throw refusal(
      "callback",
      callback,
      "JSONP is off on this server; leave the parameter callback out, or ask its operator for the setting jsonp.",
    );
  }
  if (CALLBACK.test(callback)) return;
  const shown = callback.slice(0, 100);
  throw refusal(
    "callback",
    callback,
    `Invalid JSONP callback name: '${shown}'; only alphabet, number, '_', '$', '.', '[' and ']' are allowed.`,
  );
}

function flag(value: string): boolean {
  if (value === "" || /^(?:true|1)$/i.test(value)) return true;
  if (/^(?:false|0)$/i.test(value)) return false;
  throw invalidValue("prettyPrint", value);
}

function invalidValue(name: string, value: string): Error {
  const shown = value.slice(0, 100);
  return refusal(
    name,
    value,
    `Invalid query parameters. Invalid value '${shown}' for system query parameter : ${name}`,
  );
}

function refusal(name: string, value: string, message: string): Error {
  return serviceError("PARAMETER_INVALID", message, {
    metadata: { parameter: name, value: value.slice(0, 100) },
  });
}
