import { CODES, type ErrorCode } from "../core/error/code.ts";
import type { ErrorDetail } from "../core/error/details.ts";
import { parseDurationMs } from "../core/value/duration.ts";
import { codeOfHttpStatus } from "../wire/code.ts";

/** The error that a target reports. */
export interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
  /** For the ErrorInfo, if the details have none. */
  readonly metadata: Readonly<Record<string, string>>;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * The error in a body: in the form of Google's services (`{"error": {…}}`), as a bare
 * `google.rpc.Status`, or as a problem of RFC 9457. Undefined for any other body.
 *
 * @param mediaType in lower case, without parameters
 * @see contract section 4.1; RFC 9457, section 3
 */
export function toldError(status: number, mediaType: string, text: string): ToldError | undefined {
  const body = isJson(mediaType) ? membersOf(parsed(text)) : undefined;
  if (body === undefined) return undefined;
  if (mediaType === "application/problem+json") return problem(status, body);
  const { error } = body;
  return rpcStatus(status, error === undefined ? body : membersOf(error));
}

/** Whether a media type is JSON. @see RFC 6839, section 3.1 */
export function isJson(mediaType: string): boolean {
  return mediaType === "application/json" || /^application\/[\w.-]+\+json$/.test(mediaType);
}

/** The code for the HTTP status of an error. */
export function errorCodeOf(status: number): ErrorCode {
  const code = codeOfHttpStatus(status);
  return code === "OK" ? "UNKNOWN" : code;
}

function rpcStatus(httpStatus: number, members: Members | undefined): ToldError | undefined {
  const { status, code, message, details } = members ?? {};
  if (typeof message !== "string" || message === "") return undefined;
  const byName = codeNamed(status);
  // A bare Status contains the number of the code; Google's JSON contains the HTTP status.
  const byNumber = ERROR_CODES.find((each) => CODES[each] === code);
  if (byName === undefined && typeof code !== "number") return undefined;
  return {
    code: byName ?? byNumber ?? errorCodeOf(httpStatus),
    message,
    details: Array.isArray(details) ? (details as unknown[]).filter(isDetail) : [],
    metadata: {},
  };
}

const ERROR_CODES = Object.keys(CODES).filter((each) => each !== "OK") as readonly ErrorCode[];

function codeNamed(name: unknown): ErrorCode | undefined {
  return ERROR_CODES.find((each) => each === name);
}

function isDetail(value: unknown): value is ErrorDetail {
  return typeof membersOf(value)?.["@type"] === "string";
}

function problem(status: number, { type, title, detail, instance }: Members): ToldError | undefined {
  const message = [detail, title].find((each) => typeof each === "string" && each !== "");
  if (typeof message !== "string") return undefined;
  const said = Object.entries({ type, instance }).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "about:blank",
  );
  const metadata = Object.fromEntries(said.map(([name, value]) => [name, value.slice(0, 1_000)]));
  return { code: errorCodeOf(status), message, details: [], metadata };
}

/** The delay that a detail requests, in milliseconds; 0 for none. */
export function retryInfoMs(details: readonly ErrorDetail[]): number {
  const info = details.find((each) => each["@type"].endsWith("/google.rpc.RetryInfo"));
  const delay = info?.["retryDelay"];
  return (typeof delay === "string" ? parseDurationMs(delay) : undefined) ?? 0;
}

function membersOf(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Members)
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
