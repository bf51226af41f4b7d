import type { ErrorDetail } from "../core/error/details.ts";
import { EMPTY, STRUCT } from "../core/operation/payload.ts";
import { isUnderValue, typeUrl } from "./any.ts";

const PREFIX = typeUrl("");

/** The messages of google/rpc/error_details.proto. */
const STANDARD_DETAILS: ReadonlySet<string> = new Set(
  [
    "ErrorInfo",
    "RetryInfo",
    "DebugInfo",
    "QuotaFailure",
    "PreconditionFailure",
    "BadRequest",
    "RequestInfo",
    "ResourceInfo",
    "Help",
    "LocalizedMessage",
  ].map((name) => typeUrl(`google.rpc.${name}`)),
);

/** Whether an error detail is of a type that callers know beside the standard ones, and fits it. */
export type KnowsDetail = (detail: ErrorDetail) => boolean;

/**
 * Error details that every client can read. One typed client breaks on a type that it does not know, another repeats the
 * call for ten minutes, so what is no standard type is sent as a Struct of the whole, `@type` and all: nothing is lost.
 *
 * A client that was generated from an API's protos knows their types and nothing else, not even `google.rpc.ErrorInfo` or a
 * Struct: Node's repeats the call when it finds one. Where `knows` is given, other details are left out; gRPC has them all.
 *
 * @param knows types that the callers know, by full name; left out where the standard ones are known to all
 * @see contract section 1.6
 */
export function readableDetails(
  details: readonly ErrorDetail[],
  knows?: (type: string) => boolean,
): readonly ErrorDetail[] {
  if (knows !== undefined) return details.filter(({ "@type": url }) => knows(url.slice(PREFIX.length)));
  return detailsOfCall(details);
}

/**
 * The details of an error of a call. All of them are sent: every client has a decoder for the standard types there. One of the
 * API's own types goes as what it is, any other as a Struct of the whole.
 *
 * @param knows the API's own types. @default none
 */
export function detailsOfCall(details: readonly ErrorDetail[], knows?: KnowsDetail): readonly ErrorDetail[] {
  const isKnown = (detail: ErrorDetail): boolean => isReadable(detail) || knows?.(detail) === true;
  return details.every(isKnown)
    ? details
    : details.map((detail) => (isKnown(detail) ? detail : { "@type": typeUrl(STRUCT), value: detail }));
}

function isReadable(detail: ErrorDetail): boolean {
  const { "@type": url, value } = detail;
  if (STANDARD_DETAILS.has(url) || url === typeUrl(EMPTY.type)) return true;
  return value !== undefined && url.startsWith(PREFIX) && isUnderValue(url.slice(PREFIX.length));
}
