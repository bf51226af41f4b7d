import type { ErrorCode } from "../core/error/code.ts";
import type { ErrorDetail, FieldViolation } from "../core/error/details.ts";
import { errorDetails } from "../core/error/error-details.ts";
import type { StatusError } from "../core/error/error.ts";
import { encodeJson } from "../core/operation/payload.ts";
import { httpStatusOfError } from "./code.ts";
import { detailsOfCall, type KnowsDetail } from "./details.ts";
import { escapeJson } from "../core/value/escape-json.ts";
import { indentJson } from "./indent.ts";

/** `$.xgafv`: 2 is the documented default; 1 adds `errors`, for Google's older clients. */
export type ErrorFormat = 1 | 2;

/** The form of an error. */
export interface ErrorView {
  readonly format: ErrorFormat;
  /** The `domain` of the ErrorInfo in every error. */
  readonly domain: string;
  /** Knows the detail types of the API's own protos. @default none */
  readonly knowsDetail?: KnowsDetail | undefined;
}

/** A member of `errors`. */
interface ErrorItem {
  readonly message: string;
  readonly domain?: "global";
  readonly reason: string;
  readonly location?: string;
  readonly locationType?: "header" | "parameter";
}

/** Reasons of the v1 format. @see contract section 4.3 */
const V1_REASON: Readonly<Record<ErrorCode, string>> = {
  INVALID_ARGUMENT: "badRequest",
  FAILED_PRECONDITION: "failedPrecondition",
  OUT_OF_RANGE: "outOfRange",
  UNAUTHENTICATED: "authError",
  PERMISSION_DENIED: "forbidden",
  NOT_FOUND: "notFound",
  ALREADY_EXISTS: "alreadyExists",
  ABORTED: "aborted",
  RESOURCE_EXHAUSTED: "rateLimitExceeded",
  CANCELLED: "backendError",
  INTERNAL: "backendError",
  UNKNOWN: "backendError",
  DATA_LOSS: "backendError",
  UNIMPLEMENTED: "notImplemented",
  UNAVAILABLE: "backendError",
  DEADLINE_EXCEEDED: "backendError",
};

const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

/**
 * The body of an error answer, always indented, regardless of `prettyPrint`.
 *
 * `error.code` is the HTTP status and `error.status` the name of the canonical code. The order of keys is Google's: code,
 * message, errors (v1 only), status, details.
 *
 * @see contract sections 3.2, 4.1, 4.2; AIP-193
 */
export function errorBody(error: StatusError, view: ErrorView): string {
  const body = {
    error: {
      code: httpStatusOfError(error),
      message: error.message,
      ...(view.format === 1 ? { errors: errorItems(error) } : {}),
      status: error.code,
      details: detailsOfCall(errorDetails(error, view.domain), view.knowsDetail),
    },
  };
  return escapeJson(indentJson(encodeJson(body)));
}

/** One entry for the call; several entries, without a domain, only for several invalid fields. */
function errorItems(error: StatusError): readonly ErrorItem[] {
  const { message } = error;
  if (error.code === "UNAUTHENTICATED") return [credentialsItem(error)];
  if (error.reason === "BODY_INVALID") return [{ message, domain: "global", reason: "parseError" }];
  const violations = error.code === "INVALID_ARGUMENT" ? fieldViolations(error.details) : [];
  if (violations.length > 0) {
    return violations.map(({ description }) => ({ message: description, reason: "invalid" }));
  }
  return [{ message, domain: "global", reason: V1_REASON[error.code] }];
}

function credentialsItem(error: StatusError): ErrorItem {
  const missing = error.reason === "CREDENTIALS_MISSING";
  return {
    message: missing ? "Login Required." : "Invalid Credentials",
    domain: "global",
    reason: missing ? "required" : V1_REASON.UNAUTHENTICATED,
    location: "Authorization",
    locationType: "header",
  };
}

function fieldViolations(details: readonly ErrorDetail[]): readonly FieldViolation[] {
  const found = details.find((detail) => detail["@type"] === BAD_REQUEST)?.["fieldViolations"];
  return Array.isArray(found) ? (found as FieldViolation[]) : [];
}
