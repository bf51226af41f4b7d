import type { ErrorCode } from "./code.ts";
import { UPSTREAM_REASONS } from "./upstream-reasons.ts";

/**
 * Every reason this service gives of its own accord, with its code and one plain sentence for the reader of
 * `docs/errors.md`. Reasons are stable: programs switch on them (AIP-193).
 */
export const REASONS = {
  OPERATION_NOT_FOUND: ["NOT_FOUND", "No operation of that name is kept."],
  OPERATION_EXPIRED: [
    "NOT_FOUND",
    "No operation of that name is kept any more: its id is of this service, and its time to live has passed.",
  ],
  METHOD_NOT_FOUND: ["NOT_FOUND", "No method of that name is declared."],
  PATH_NOT_FOUND: ["NOT_FOUND", "The address belongs to no method of the service."],
  REQUEST_INVALID: [
    "INVALID_ARGUMENT",
    "The request does not fit the method's schema; field violations say where.",
  ],
  BODY_INVALID: ["INVALID_ARGUMENT", "The body is not a JSON object in UTF-8."],
  BODY_TOO_LARGE: ["INVALID_ARGUMENT", "The body is larger than the service accepts."],
  MESSAGE_INVALID: [
    "INVALID_ARGUMENT",
    "The bytes of a gRPC request are not the message that the call takes.",
  ],
  PARAMETER_INVALID: ["INVALID_ARGUMENT", "A query parameter or a header has a value that it cannot have."],
  NAME_INVALID: ["INVALID_ARGUMENT", "A name or a parent is not formed as names are."],
  PAGE_SIZE_INVALID: ["INVALID_ARGUMENT", "The page size is negative or not a whole number."],
  PAGE_TOKEN_INVALID: [
    "INVALID_ARGUMENT",
    "The page token was not given by this service for this list, or is too old.",
  ],
  FILTER_INVALID: [
    "INVALID_ARGUMENT",
    "The filter cannot be read; the message says where, and what was expected.",
  ],
  ORDER_BY_INVALID: ["INVALID_ARGUMENT", "The list has no such order."],
  REQUEST_ID_INVALID: [
    "INVALID_ARGUMENT",
    "The request id is empty, too long, not plain text, or given twice with different values.",
  ],
  REQUEST_ID_REUSED: ["INVALID_ARGUMENT", "The request id was used before, with another request."],
  TIME_TO_LIVE_INVALID: [
    "INVALID_ARGUMENT",
    "The time to live is not a duration within the method's bounds.",
  ],
  DELAY_INVALID: ["INVALID_ARGUMENT", "The delay is not a duration from none to a year."],
  CALLBACK_URL_INVALID: [
    "INVALID_ARGUMENT",
    "The callback URL is no https: address of a host that the operator of the service lists.",
  ],
  PRIORITY_INVALID: ["INVALID_ARGUMENT", "The priority is not a whole number from 0 to 9."],
  PARALLEL_LIMIT_REACHED: [
    "ABORTED",
    "As many operations of the method and key go on as may at once, and the method does not let more wait; try again later.",
  ],
  CONTENT_TYPE_UNSUPPORTED: [
    "INVALID_ARGUMENT",
    "The body is of a type, or in an encoding, that the service does not read.",
  ],
  BATCH_INVALID: [
    "INVALID_ARGUMENT",
    "The batch cannot be taken apart, is too long, or holds another batch.",
  ],
  BATCH_TOO_LARGE: [
    "RESOURCE_EXHAUSTED",
    "The answers of the batch so far are as many bytes as a batch may have; send the call again.",
  ],
  CREDENTIALS_MISSING: ["UNAUTHENTICATED", "The call needs credentials, and none came."],
  IAM_PERMISSION_DENIED: [
    "PERMISSION_DENIED",
    "The caller lacks the permission in the metadata on the resource there, which may exist or not.",
  ],
  TOO_MANY_PARENTS: [
    "INVALID_ARGUMENT",
    "A list over several collections would be narrowed to more parents than one list goes over.",
  ],
  ORIGIN_REFUSED: [
    "PERMISSION_DENIED",
    "A page of another origin asked a browser to change something, and that origin is not allowed.",
  ],
  HOST_REFUSED: [
    "PERMISSION_DENIED",
    "The request is for a host that the server does not answer for; its setting allowedHosts names those that it does.",
  ],
  CROSS_SITE_REFUSED: [
    "PERMISSION_DENIED",
    "A page of another site asked for what operators see or do, which no page but the operators' own may.",
  ],
  ADMIN_REFUSED: [
    "PERMISSION_DENIED",
    "The caller is no operator of this service, or came by a way that operators do not.",
  ],
  ADMIN_TOKEN_INVALID: [
    "UNAUTHENTICATED",
    "The operators' interface wants a bearer token, and none came or another one.",
  ],
  ADMIN_READ_ONLY: ["PERMISSION_DENIED", "The operator may look, and not do this."],
  ADMIN_COLLECTION_REFUSED: [
    "PERMISSION_DENIED",
    "The operator may act in some collections, and this is another.",
  ],
  TOO_MANY_ADMIN_READS: [
    "RESOURCE_EXHAUSTED",
    "Operators read as much at once from this process as they may; try again in a second.",
  ],
  BULK_UNDER_WAY: ["FAILED_PRECONDITION", "Another bulk goes on, and one does at a time."],
  BULK_TOO_LARGE: [
    "FAILED_PRECONDITION",
    "More operations match than the operator was told; what was not touched by then stays as it is.",
  ],
  ACCESS_TOKEN_EXPIRED: ["UNAUTHENTICATED", "The access token has expired; get another one."],
  JWT_TOKEN_INVALID: [
    "UNAUTHENTICATED",
    "The access token is not one that the service accepts: signature, issuer, audience, algorithm or a claim; the message says which.",
  ],
  ACCESS_TOKEN_TYPE_UNSUPPORTED: ["UNAUTHENTICATED", "The access token is no signed JWT."],
  CREDENTIAL_TYPE_UNSUPPORTED: [
    "UNAUTHENTICATED",
    "The header Authorization holds something else than a bearer token.",
  ],
  OVERLOADED_CREDENTIALS: [
    "UNAUTHENTICATED",
    "The request has two tokens, or two API keys; one says who calls.",
  ],
  CLIENT_CERTIFICATE_INVALID: [
    "UNAUTHENTICATED",
    "The client certificate is of no authority that the service knows, out of date, or names nobody.",
  ],
  API_KEY_INVALID: ["INVALID_ARGUMENT", "There is no such API key, or it was revoked or has expired."],
  API_KEY_NOT_FOUND: ["NOT_FOUND", "No API key of that id is in the store; it may have been revoked."],
  TOO_MANY_API_KEYS: ["RESOURCE_EXHAUSTED", "The store holds as many API keys as it may; revoke some first."],
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: [
    "PERMISSION_DENIED",
    "The access token lacks a scope; the metadata names those that are wanted.",
  ],
  CREDENTIALS_UNCHECKED: [
    "UNAVAILABLE",
    "The keys of a token's issuer, or the store of API keys, cannot be reached; try again.",
  ],
  RANGE_INVALID: ["INVALID_ARGUMENT", "The range is none of 15m, 1h, 6h, 24h and 7d."],
  METHOD_NOT_ALLOWED: ["UNIMPLEMENTED", "The resource exists, but not with that HTTP method."],
  PARTIAL_SUCCESS_UNSUPPORTED: [
    "INVALID_ARGUMENT",
    "Partial success means nothing for a list of one collection; only lists across collections can be partial.",
  ],
  TOO_MANY_VALIDATIONS: [
    "RESOURCE_EXHAUSTED",
    "More requests wait for the schemas of their methods than the process has room for; try again later.",
  ],
  METHOD_FAILED: [
    "INTERNAL",
    "The method's own code failed before anything was started: a schema, or what makes its key, target or parent. The log has the cause.",
  ],
  TOO_MANY_WAITERS: ["RESOURCE_EXHAUSTED", "More callers wait than the process has room for; poll instead."],
  RESOURCE_QUOTA_EXCEEDED: [
    "RESOURCE_EXHAUSTED",
    "The tenant has as many unfinished operations as it may have; QuotaFailure says how many. Try again when some are done.",
  ],
  RATE_LIMIT_EXCEEDED: [
    "RESOURCE_EXHAUSTED",
    "The caller, or the tenant that it is of, calls more often than it may; QuotaFailure says which limit, and RetryInfo when to try again.",
  ],
  WATCH_ENDED: [
    "UNAVAILABLE",
    "The watch has lasted as long as one may, or the server stops or cannot read; watch again.",
  ],
  CLAIM_INVALID: [
    "INVALID_ARGUMENT",
    "A call of a worker has a value that it cannot have, or too few or too many entries.",
  ],
  TOO_MANY_CLAIMS: [
    "RESOURCE_EXHAUSTED",
    "More claims wait for work than the process has room for; claim again later, or without a timeout.",
  ],
  ATTEMPT_TOKEN_INVALID: [
    "PERMISSION_DENIED",
    "The token is not the one that the claim of this attempt brought.",
  ],
  ATTEMPT_LOST: [
    "ABORTED",
    "The attempt is not the current one any more, or its lease has passed; stop working on it.",
  ],
  OPERATION_DONE: [
    "FAILED_PRECONDITION",
    "The operation has ended otherwise; what the attempt came to does not count.",
  ],
  ATTEMPT_RESPONSE_INVALID: [
    "INVALID_ARGUMENT",
    "The response does not fit the method's schema; field violations say where. The attempt goes on.",
  ],
  ATTEMPT_METADATA_INVALID: [
    "INVALID_ARGUMENT",
    "The metadata does not fit the method's schema; field violations say where. The attempt goes on.",
  ],
  ATTEMPT_ERROR_INVALID: [
    "INVALID_ARGUMENT",
    "The error of an attempt has no code that an error can have, or its retry delay is out of range. The attempt goes on.",
  ],
  CALLER_GONE: ["CANCELLED", "The caller hung up before its call was carried out."],
  CONTENTION: ["ABORTED", "The operation was changed by others over and over; try again."],
  STARTING: ["UNAVAILABLE", "The server is starting, and its store is not open yet; try again."],
  SHUTTING_DOWN: ["UNAVAILABLE", "The server is stopping; try again, elsewhere if you can."],
  AUDIT_UNAVAILABLE: [
    "UNAVAILABLE",
    "The record that the service keeps of such a call cannot be written. It may have been carried out all the same: try again, with the same request id.",
  ],
  STORE_UNAVAILABLE: ["UNAVAILABLE", "The store cannot be reached; nothing was acknowledged, try again."],
  STORE_LOCKED: [
    "UNAVAILABLE",
    "Somebody else holds a lock in the database that this call needs; nothing was acknowledged, try again.",
  ],
  KEY_UNAVAILABLE: [
    "UNAVAILABLE",
    "The payloads of the operation are encrypted with a key that this process does not have; its log says which. Try again, elsewhere if you can.",
  ],
  REQUEST_MALFORMED: ["INVALID_ARGUMENT", "What came over the connection is not HTTP."],
  HEADERS_TOO_LARGE: ["INVALID_ARGUMENT", "The address and headers are larger than the server accepts."],
  REQUEST_TIMED_OUT: ["INVALID_ARGUMENT", "The request did not arrive in time."],
  INTERNAL_ERROR: [
    "INTERNAL",
    "A bug of the service. Its log has the whole story under the id in the metadata.",
  ],
  WEBHOOK_ENDPOINT_NOT_FOUND: ["NOT_FOUND", "No webhook endpoint of that name is kept."],
  WEBHOOK_ENDPOINT_EXISTS: ["ALREADY_EXISTS", "There is a webhook endpoint of that name."],
  WEBHOOK_ENDPOINT_CHANGED: [
    "ABORTED",
    "The webhook endpoint is not as its etag says any more; read it again.",
  ],
  WEBHOOK_ENDPOINT_FIXED: [
    "FAILED_PRECONDITION",
    "The webhook endpoint is fixed in the settings of the server, and changed there only.",
  ],
  WEBHOOK_ENDPOINT_DISABLED: [
    "FAILED_PRECONDITION",
    "The webhook endpoint is disabled; nothing is sent there.",
  ],
  WEBHOOK_DELIVERY_NOT_FOUND: ["NOT_FOUND", "No webhook delivery of that name is kept."],
  TOO_MANY_WEBHOOK_ENDPOINTS: [
    "RESOURCE_EXHAUSTED",
    "There are as many webhook endpoints as there may be, of one parent, of one tenant or in all.",
  ],
  WEBHOOK_REFUSED: ["UNAVAILABLE", "The receiver of a webhook answered with something else than success."],
  WEBHOOK_UNREACHABLE: [
    "UNAVAILABLE",
    "The receiver of a webhook could not be reached, or did not answer in time.",
  ],
  WEBHOOK_TARGET_REFUSED: [
    "UNAVAILABLE",
    "The address of a webhook leads where nothing is sent: into a private network, or to this machine.",
  ],
  WEBHOOK_GONE: ["FAILED_PRECONDITION", "The receiver of a webhook answered that it wants no more events."],
  TARGET_UNREACHABLE: ["UNAVAILABLE", "The HTTP target of the method could not be reached."],
  TARGET_TIMED_OUT: ["DEADLINE_EXCEEDED", "The HTTP target of the method did not answer in time."],
  TARGET_TOKEN_UNAVAILABLE: ["UNAVAILABLE", "There is no identity token for the HTTP target of the method."],
  TARGET_NOT_ANSWERED: ["FAILED_PRECONDITION", "The HTTP target would answer later (202), and cannot here."],
  OPERATION_CANCELLED: ["CANCELLED", "The operation was cancelled as somebody asked."],
  DEADLINE_PASSED: ["DEADLINE_EXCEEDED", "The operation did not end before its method's deadline."],
  HANDLER_FAILED: ["INTERNAL", "The handler failed unexpectedly, as often as the method allows."],
  WORKER_LOST: ["INTERNAL", "Workers vanished while running the operation, as often as the method allows."],
  PAYLOAD_LOST: [
    "DATA_LOSS",
    "The payloads of the operation cannot be read any more: their key was destroyed, or they were altered where they are kept.",
  ],
  ...UPSTREAM_REASONS,
  RESPONSE_INVALID: ["INTERNAL", "The handler answered with something that is not the method's response."],
} as const satisfies Record<string, readonly [ErrorCode, string]>;

/** A reason of {@link REASONS}. */
export type Reason = keyof typeof REASONS;
