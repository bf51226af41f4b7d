/**
 * Typed constructors for the standard error details. Each returns the proto-JSON form of an `Any`, ready for
 * {@link StatusError} and for `google.rpc.Status.details`.
 *
 * @see google/rpc/error_details.proto; contract section 1.5
 */

/** An error detail: the JSON form of a `google.protobuf.Any` that holds a message. */
export interface ErrorDetail {
  readonly "@type": string;
  readonly [field: string]: unknown;
}

const RPC = "type.googleapis.com/google.rpc.";

function detail(type: string, fields: object): ErrorDetail {
  return { "@type": `${RPC}${type}`, ...fields };
}

/**
 * The machine-readable cause of an error: a stable `reason` that is unique within `domain`.
 *
 * @param fields.reason `[A-Z][A-Z0-9_]+[A-Z0-9]`, 63 characters at most
 * @param fields.domain the service's name, such as `archive.example.com`
 * @param fields.metadata the variable parts of the message, keys `[a-z][a-zA-Z0-9-_]+`, 64
 * characters at most
 * @see AIP-193
 */
export function errorInfo(fields: {
  readonly reason: string;
  readonly domain: string;
  readonly metadata?: Readonly<Record<string, string>>;
}): ErrorDetail {
  return detail("ErrorInfo", fields);
}

/**
 * The delay before the caller should retry. `retryDelay` is a proto-JSON duration such as `"3.5s"`.
 */
export function retryInfo(fields: { readonly retryDelay: string }): ErrorDetail {
  return detail("RetryInfo", fields);
}

/** Stack and text for developers of the service. Callers see it: use it in development only. */
export function debugInfo(fields: {
  readonly stackEntries?: readonly string[];
  readonly detail?: string;
}): ErrorDetail {
  return detail("DebugInfo", fields);
}

/** One exceeded quota. `quotaValue` and `futureQuotaValue` are int64 and so decimal strings in JSON. */
export interface QuotaViolation {
  readonly subject?: string;
  readonly description?: string;
  readonly apiService?: string;
  readonly quotaMetric?: string;
  readonly quotaId?: string;
  readonly quotaDimensions?: Readonly<Record<string, string>>;
  readonly quotaValue?: string;
  readonly futureQuotaValue?: string;
}

/** The exceeded quotas. Use with RESOURCE_EXHAUSTED. */
export function quotaFailure(fields: { readonly violations: readonly QuotaViolation[] }): ErrorDetail {
  return detail("QuotaFailure", fields);
}

/** The preconditions that were not met. Use with FAILED_PRECONDITION. */
export function preconditionFailure(fields: {
  readonly violations: readonly {
    readonly type?: string;
    readonly subject?: string;
    readonly description?: string;
  }[];
}): ErrorDetail {
  return detail("PreconditionFailure", fields);
}

/** An invalid field of a request. `field` is a path such as `files[3].name`. */
export interface FieldViolation {
  readonly field?: string;
  readonly description: string;
  readonly reason?: string;
  readonly localizedMessage?: { readonly locale: string; readonly message: string };
}

/** The invalid fields of the request. Use with INVALID_ARGUMENT. */
export function badRequest(fields: { readonly fieldViolations: readonly FieldViolation[] }): ErrorDetail {
  return detail("BadRequest", fields);
}

/** Identifies the call in the service's logs. */
export function requestInfo(fields: {
  readonly requestId: string;
  readonly servingData?: string;
}): ErrorDetail {
  return detail("RequestInfo", fields);
}

/** The resource the error is about. */
export function resourceInfo(fields: {
  readonly resourceType: string;
  readonly resourceName: string;
  readonly owner?: string;
  readonly description?: string;
}): ErrorDetail {
  return detail("ResourceInfo", fields);
}

/** Links to documentation. `url` is absolute. */
export function help(fields: {
  readonly links: readonly { readonly description: string; readonly url: string }[];
}): ErrorDetail {
  return detail("Help", fields);
}

/** A message for users in their own language. `locale` is a BCP 47 tag, such as `de-CH`. */
export function localizedMessage(fields: { readonly locale: string; readonly message: string }): ErrorDetail {
  return detail("LocalizedMessage", fields);
}
