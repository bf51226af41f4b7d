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

/**
 * Whether an error detail has a type that callers know in addition to the standard ones, and
 * matches it.
 */
export type KnowsDetail = (detail: ErrorDetail) => boolean;

/**
 * Converts error details to a form that every client can read. One typed client breaks on an
 * unknown type, another retries for ten minutes. So a detail of any other type is sent as a Struct
 * of the whole detail, including `@type`.
 *
 * A client generated from an API's protos knows only their types, not even `google.rpc.ErrorInfo`
 * or a Struct: Node's client repeats the call when it finds another type. With `knows`, other
 * details are omitted; gRPC has them all.
 *
 * @param knows the types that the callers know, by full name; omit it if they know the standard
 * ones
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
 * The details of an error of a call. All are sent, because every client can decode the standard
 * types there. A detail of the API's own types keeps its type; any other becomes a Struct.
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
