import type { ErrorCode } from "./code.ts";
import { UPSTREAM_REASONS } from "./upstream-reasons.ts";

/**
 * Every error reason of this service, with its code and the sentence that `docs/errors.md` shows.
 * Reasons are stable, because programs branch on them (AIP-193).
 */
export const REASONS = {
  OPERATION_NOT_FOUND: ["NOT_FOUND", "The operation does not exist."],
  OPERATION_EXPIRED: [
    "NOT_FOUND",
    "The operation is not stored any more: this service issued its id, and its time to live has expired.",
  ],
  METHOD_NOT_FOUND: ["NOT_FOUND", "No method with that name is declared."],
  PATH_NOT_FOUND: ["NOT_FOUND", "The service has nothing at this address."],
  REQUEST_INVALID: [
    "INVALID_ARGUMENT",
    "The request does not match the method's schema; see the field violations.",
  ],
  BODY_INVALID: ["INVALID_ARGUMENT", "The body is not a JSON object in UTF-8."],
  BODY_TOO_LARGE: ["INVALID_ARGUMENT", "The body is larger than the service accepts."],
  BODY_CONSUMED: [
    "INTERNAL",
    "The program around the service read the body first, and it is lost; docs/mounting.md explains the order.",
  ],
  MESSAGE_INVALID: [
    "INVALID_ARGUMENT",
    "The bytes of a gRPC request are not a valid message of the call's type.",
  ],
  PARAMETER_INVALID: ["INVALID_ARGUMENT", "A query parameter or a header has an invalid value."],
  NAME_INVALID: ["INVALID_ARGUMENT", "A name or a parent has an invalid format."],
  PAGE_SIZE_INVALID: ["INVALID_ARGUMENT", "The page size is negative or not a whole number."],
  PAGE_TOKEN_INVALID: ["INVALID_ARGUMENT", "The page token does not belong to this list, or is too old."],
  FILTER_INVALID: [
    "INVALID_ARGUMENT",
    "The filter is invalid; the message gives the position and the expected text.",
  ],
  ORDER_BY_INVALID: ["INVALID_ARGUMENT", "The list does not support this order."],
  REQUEST_ID_INVALID: [
    "INVALID_ARGUMENT",
    "The request id is empty, too long, not plain text, or given twice with different values.",
  ],
  REQUEST_ID_REUSED: ["INVALID_ARGUMENT", "The request id was already used with a different request."],
  TIME_TO_LIVE_INVALID: [
    "INVALID_ARGUMENT",
    "The time to live is not a duration within the method's bounds.",
  ],
  DELAY_INVALID: ["INVALID_ARGUMENT", "The delay is not a duration between 0 and 365 days."],
  CALLBACK_URL_INVALID: [
    "INVALID_ARGUMENT",
    "The callback URL is not an https: address of a host that the operator allows.",
  ],
  PRIORITY_INVALID: ["INVALID_ARGUMENT", "The priority is not a whole number from 0 to 9."],
  PARALLEL_LIMIT_REACHED: [
    "ABORTED",
    "The method's limit of parallel operations for this key is reached; try again later.",
  ],
  CONTENT_TYPE_UNSUPPORTED: [
    "INVALID_ARGUMENT",
    "The service does not support the content type or the encoding of the body.",
  ],
  BATCH_INVALID: ["INVALID_ARGUMENT", "The batch is malformed, too long, or contains another batch."],
  BATCH_TOO_LARGE: [
    "RESOURCE_EXHAUSTED",
    "The earlier answers of the batch have used up its size limit; send this call again.",
  ],
  CREDENTIALS_MISSING: ["UNAUTHENTICATED", "The call needs credentials, but has none."],
  IAM_PERMISSION_DENIED: [
    "PERMISSION_DENIED",
    "The caller lacks the permission on the resource; the metadata names both. The resource may not exist.",
  ],
  TOO_MANY_PARENTS: [
    "INVALID_ARGUMENT",
    "The caller's grants have more parents than a list over several collections supports.",
  ],
  ORIGIN_REFUSED: [
    "PERMISSION_DENIED",
    "A web page of an origin that is not allowed sent a request that changes something.",
  ],
  HOST_REFUSED: [
    "PERMISSION_DENIED",
    "The server does not serve the request's host; the setting allowedHosts lists its hosts.",
  ],
  CROSS_SITE_REFUSED: [
    "PERMISSION_DENIED",
    "A web page of another site called the operators' interface; only the operators' own page may.",
  ],
  ADMIN_REFUSED: [
    "PERMISSION_DENIED",
    "The caller is not an operator of this service, or used an interface that is not open to operators.",
  ],
  ADMIN_TOKEN_INVALID: [
    "UNAUTHENTICATED",
    "The operators' interface needs a bearer token; it is missing or wrong.",
  ],
  ADMIN_READ_ONLY: ["PERMISSION_DENIED", "The operator has read-only access."],
  ADMIN_COLLECTION_REFUSED: ["PERMISSION_DENIED", "The operator has no access to this collection."],
  TOO_MANY_ADMIN_READS: [
    "RESOURCE_EXHAUSTED",
    "The limit of concurrent operator reads in this process is reached; try again in a second.",
  ],
  BULK_UNDER_WAY: ["FAILED_PRECONDITION", "Another bulk action is running, and only one can run at a time."],
  BULK_TOO_LARGE: [
    "FAILED_PRECONDITION",
    "More operations match than the operator expected; the remaining operations are unchanged.",
  ],
  ACCESS_TOKEN_EXPIRED: ["UNAUTHENTICATED", "The access token has expired; get another one."],
  JWT_TOKEN_INVALID: [
    "UNAUTHENTICATED",
    "The access token is invalid: its signature, issuer, audience, algorithm or a claim; the message says which.",
  ],
  ACCESS_TOKEN_TYPE_UNSUPPORTED: ["UNAUTHENTICATED", "The access token is not a signed JWT."],
  CREDENTIAL_TYPE_UNSUPPORTED: [
    "UNAUTHENTICATED",
    "The header Authorization does not contain a bearer token.",
  ],
  OVERLOADED_CREDENTIALS: ["UNAUTHENTICATED", "The request has two tokens or two API keys; send only one."],
  CLIENT_CERTIFICATE_INVALID: [
    "UNAUTHENTICATED",
    "The client certificate is from an unknown authority, is not valid now, or has no subject.",
  ],
  API_KEY_INVALID: ["INVALID_ARGUMENT", "The API key is unknown, revoked or expired."],
  API_KEY_NOT_FOUND: ["NOT_FOUND", "The store has no API key with that id; it may have been revoked."],
  TOO_MANY_API_KEYS: ["RESOURCE_EXHAUSTED", "The limit of API keys is reached; revoke some first."],
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: [
    "PERMISSION_DENIED",
    "The access token lacks a scope; the metadata names the required scopes.",
  ],
  CREDENTIALS_UNCHECKED: [
    "UNAVAILABLE",
    "The keys of a token's issuer, or the store of API keys, cannot be reached; try again.",
  ],
  RANGE_INVALID: ["INVALID_ARGUMENT", "The range is not one of 15m, 1h, 6h, 24h and 7d."],
  METHOD_NOT_ALLOWED: ["UNIMPLEMENTED", "The resource exists, but not with that HTTP method."],
  PARTIAL_SUCCESS_UNSUPPORTED: [
    "INVALID_ARGUMENT",
    "A list of one collection does not support partial success; only lists across collections do.",
  ],
  TOO_MANY_VALIDATIONS: [
    "RESOURCE_EXHAUSTED",
    "The limit of requests that wait for validation is reached; try again later.",
  ],
  METHOD_FAILED: [
    "INTERNAL",
    "The method's own code failed before the operation was started: its schema, or its key, target or parent function. The log has the cause.",
  ],
  TOO_MANY_WAITERS: [
    "RESOURCE_EXHAUSTED",
    "The limit of waiting callers in this process is reached; poll instead.",
  ],
  RESOURCE_QUOTA_EXCEEDED: [
    "RESOURCE_EXHAUSTED",
    "The tenant's limit of unfinished operations is reached; QuotaFailure has the limit. Try again when some are done.",
  ],
  RATE_LIMIT_EXCEEDED: [
    "RESOURCE_EXHAUSTED",
    "The caller or its tenant exceeds a rate limit; QuotaFailure names the limit, and RetryInfo says when to try again.",
  ],
  WATCH_ENDED: [
    "UNAVAILABLE",
    "The watch reached its maximum duration, or the server is stopping or cannot read; watch again.",
  ],
  CLAIM_INVALID: [
    "INVALID_ARGUMENT",
    "A worker's call has an invalid value, or too few or too many entries.",
  ],
  TOO_MANY_CLAIMS: [
    "RESOURCE_EXHAUSTED",
    "The limit of waiting claims in this process, or of one caller, is reached; claim again later, or without a timeout.",
  ],
  ATTEMPT_TOKEN_INVALID: [
    "PERMISSION_DENIED",
    "The token is not the token that the claim of this attempt returned.",
  ],
  ATTEMPT_LOST: [
    "ABORTED",
    "Another attempt has replaced this one, or its lease has expired; stop working on it.",
  ],
  OPERATION_DONE: [
    "FAILED_PRECONDITION",
    "The operation is already done; the outcome of the attempt is ignored.",
  ],
  ATTEMPT_RESPONSE_INVALID: [
    "INVALID_ARGUMENT",
    "The response does not match the method's schema; see the field violations. The attempt continues.",
  ],
  ATTEMPT_METADATA_INVALID: [
    "INVALID_ARGUMENT",
    "The metadata does not match the method's schema; see the field violations. The attempt continues.",
  ],
  ATTEMPT_ERROR_INVALID: [
    "INVALID_ARGUMENT",
    "The error of an attempt has no valid code. The attempt continues.",
  ],
  CALLER_GONE: ["CANCELLED", "The caller disconnected before the call was executed."],
  CONTENTION: ["ABORTED", "Concurrent changes of the operation prevented this call; try again."],
  STARTING: ["UNAVAILABLE", "The server is starting, and its store is not open yet; try again."],
  SHUTTING_DOWN: ["UNAVAILABLE", "The server is stopping; try again, elsewhere if you can."],
  AUDIT_UNAVAILABLE: [
    "UNAVAILABLE",
    "The audit record of the call cannot be written. The call may have been executed: try again with the same request id.",
  ],
  STORE_UNAVAILABLE: [
    "UNAVAILABLE",
    "The database cannot be used now, or does not answer in time. The call was not confirmed, and may take effect; try again.",
  ],
  TOO_MANY_BODIES: [
    "UNAVAILABLE",
    "The large bodies of other requests take all the memory for bodies; nothing was done, try again.",
  ],
  TOO_MANY_PAGES: [
    "UNAVAILABLE",
    "The pages of other lists take all the memory for pages; nothing was read, try again.",
  ],
  STORE_LOCKED: [
    "UNAVAILABLE",
    "Another transaction holds a database lock that this call needs, and the call was not confirmed; try again.",
  ],
  KEY_UNAVAILABLE: [
    "UNAVAILABLE",
    "This process lacks the encryption key of the operation's payloads; its log names the key. Try again, elsewhere if you can.",
  ],
  REQUEST_MALFORMED: ["INVALID_ARGUMENT", "The bytes on the connection are not HTTP."],
  HEADERS_TOO_LARGE: ["INVALID_ARGUMENT", "The address and headers are larger than the server accepts."],
  REQUEST_TIMED_OUT: ["INVALID_ARGUMENT", "The request did not arrive in time."],
  INTERNAL_ERROR: ["INTERNAL", "A bug in the service. The log has the details under the id in the metadata."],
  WEBHOOK_ENDPOINT_NOT_FOUND: ["NOT_FOUND", "The webhook endpoint does not exist."],
  WEBHOOK_ENDPOINT_EXISTS: ["ALREADY_EXISTS", "A webhook endpoint with that name already exists."],
  WEBHOOK_ENDPOINT_CHANGED: [
    "ABORTED",
    "The webhook endpoint has changed since its etag was read; read it again.",
  ],
  WEBHOOK_ENDPOINT_FIXED: [
    "FAILED_PRECONDITION",
    "The webhook endpoint is defined in the server's settings and can be changed only there.",
  ],
  WEBHOOK_ENDPOINT_DISABLED: [
    "FAILED_PRECONDITION",
    "The webhook endpoint is disabled and receives no events.",
  ],
  WEBHOOK_DELIVERY_NOT_FOUND: ["NOT_FOUND", "The webhook delivery does not exist."],
  TOO_MANY_WEBHOOK_ENDPOINTS: [
    "RESOURCE_EXHAUSTED",
    "The limit of webhook endpoints is reached, for the parent, the tenant or the service.",
  ],
  WEBHOOK_REFUSED: ["UNAVAILABLE", "The receiver of a webhook did not answer with success."],
  WEBHOOK_UNREACHABLE: [
    "UNAVAILABLE",
    "The receiver of a webhook could not be reached, or did not answer in time.",
  ],
  WEBHOOK_TARGET_REFUSED: [
    "UNAVAILABLE",
    "The address of a webhook is in a private network or on this machine, where the service sends nothing.",
  ],
  WEBHOOK_GONE: [
    "FAILED_PRECONDITION",
    "The receiver of a webhook answered 410 Gone: it wants no more events.",
  ],
  TARGET_UNREACHABLE: ["UNAVAILABLE", "The HTTP target of the method could not be reached."],
  TARGET_TIMED_OUT: ["DEADLINE_EXCEEDED", "The HTTP target of the method did not answer in time."],
  TARGET_TOKEN_UNAVAILABLE: [
    "UNAVAILABLE",
    "The identity token for the method's HTTP target is not available.",
  ],
  TARGET_NOT_ANSWERED: [
    "FAILED_PRECONDITION",
    "The HTTP target answered 202, but this method does not support later answers.",
  ],
  OPERATION_CANCELLED: ["CANCELLED", "The operation was cancelled at a caller's request."],
  DEADLINE_PASSED: ["DEADLINE_EXCEEDED", "The operation did not end before its method's deadline."],
  HANDLER_FAILED: ["INTERNAL", "The handler failed unexpectedly in all allowed attempts."],
  WORKER_LOST: ["INTERNAL", "The worker vanished in all allowed attempts."],
  PAYLOAD_LOST: [
    "DATA_LOSS",
    "The payloads of the operation are lost: their key was destroyed, or they were altered in the store.",
  ],
  ...UPSTREAM_REASONS,
  RESPONSE_INVALID: ["INTERNAL", "The handler's result does not match the method's response schema."],
} as const satisfies Record<string, readonly [ErrorCode, string]>;

/** A reason of {@link REASONS}. */
export type Reason = keyof typeof REASONS;
