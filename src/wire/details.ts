import type { ErrorDetail } from "../core/details.ts";
import { EMPTY, STRUCT } from "../core/payload.ts";
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
  return details.every(isReadable)
    ? details
    : details.map((detail) => (isReadable(detail) ? detail : { "@type": typeUrl(STRUCT), value: detail }));
}

function isReadable(detail: ErrorDetail): boolean {
  const { "@type": url, value } = detail;
  if (STANDARD_DETAILS.has(url) || url === typeUrl(EMPTY.type)) return true;
  return value !== undefined && url.startsWith(PREFIX) && isUnderValue(url.slice(PREFIX.length));
}
