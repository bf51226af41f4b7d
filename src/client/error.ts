import { causeCode, causeMessage } from "../core/error/cause.ts";
import { CODES, type ErrorCode } from "../core/error/code.ts";
import type { ErrorDetail } from "../core/error/details.ts";
import { formatDuration } from "../core/value/duration.ts";
import { StatusError } from "../core/error/error.ts";
import type { Failure } from "../core/operation/operation.ts";
import { codeOfHttpStatus } from "../wire/code.ts";
import { isObject } from "./any.ts";
import { type ClientOperation, decodeDetails } from "./operation.ts";

/**
 * The error of an operation that ended without a response; `result` throws it. A failed call throws
 * a plain StatusError.
 */
export class OperationError<Operation = ClientOperation> extends StatusError {
  /** The operation after its end. */
  readonly operation: Operation;

  constructor(operation: Operation, error: Failure) {
    super(error.code, error.message, infoOf(error.details));
    this.operation = operation;
  }
}

/** A complete HTTP answer. */
export interface Answer {
  /** Whether the status means success. */
  readonly ok: boolean;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The target of a redirect that was not followed. */
  readonly location: string | undefined;
  /** The seconds in `Retry-After`, if the server sent it. */
  readonly retryAfterSeconds: number | undefined;
}

/**
 * Converts an answer to an error: code, message, reason and details of an AIP-193 body, or the best
 * guess for any other body, such as a proxy's page.
 *
 * @param call the request, such as `GET http://127.0.0.1:8080/v1/operations/x`
 */
export function errorOfAnswer(answer: Answer, call: string): StatusError {
  const error = errorMember(answer.text);
  if (error === undefined) return foreignAnswer(answer, call);
  const message = error["message"];
  return toldError(
    codeNamed(error["status"]) ?? codeOfStatus(answer.status),
    typeof message === "string" && message !== ""
      ? message
      : `${call} was answered with HTTP status ${answer.status}.`,
    decodeDetails(error["details"]),
  );
}

/** Creates an error of the service, with the reason and metadata of its details. */
export function toldError(code: ErrorCode, message: string, details: readonly ErrorDetail[]): StatusError {
  return new StatusError(code, message, infoOf(details));
}

/** The error for an answer of something other than the service, or for invalid JSON. */
export function foreignAnswer(answer: Answer, call: string): StatusError {
  const { status, location } = answer;
  const kind = answer.contentType === "" ? "no content type" : answer.contentType.replace(/;.*/, "");
  return new StatusError(
    answer.ok ? "UNKNOWN" : codeOfForeignStatus(status),
    location === undefined
      ? `${call} was answered with HTTP status ${status} and no JSON (${kind}). ` +
          "Check that the address is the service's, and what the proxy in front of it does."
      : `${call} was answered with HTTP status ${status}, a redirect to ${location.slice(0, 200)}, which is not followed. ` +
          "Give the address to which it leads.",
    { reason: "ANSWER_INVALID", cause: answer.text.slice(0, 1_000) },
  );
}

function codeNamed(status: unknown): ErrorCode | undefined {
  return typeof status === "string" && status in CODES && status !== "OK" ? (status as ErrorCode) : undefined;
}

function codeOfStatus(status: number): ErrorCode {
  const code = codeOfHttpStatus(status);
  return code === "OK" ? "UNKNOWN" : code;
}

/**
 * A server error without the service's body comes from a proxy, and means that the service was not
 * reached (especially 502).
 */
function codeOfForeignStatus(status: number): ErrorCode {
  const code = codeOfStatus(status);
  return code === "INTERNAL" ? "UNAVAILABLE" : code;
}

/**
 * Creates the error for a missing answer: connection refused or closed, unknown host.
 *
 * @param said the system's description: a code such as ECONNREFUSED, or a phrase
 */
export function unreachable(
  call: string,
  origin: string,
  cause: unknown,
  said: string = causeCode(cause) ?? (causeMessage(cause) || "there is no connection"),
): StatusError {
  const certificate = CERTIFICATE_ADVICE[said];
  const advice =
    certificate ??
    ADVICE[said] ??
    `${said}. Check that the server runs and that the network lets you through.`;
  return new StatusError("UNAVAILABLE", `${call} could not reach the server: ${advice}`, {
    reason: "SERVER_UNREACHABLE",
    metadata: { server: origin, ...(certificate === undefined ? {} : { certificate: said }) },
    cause,
  });
}

const CUT =
  "the connection was cut. Check that the server still runs, and the scheme: https:// and grpcs:// are for TLS; then call again.";
const SILENT = "the host does not answer. Check the address and the firewalls on the way.";
const NO_TLS =
  "what listens there does not speak TLS. Check port and scheme: http:// and grpc:// are without TLS.";

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there. Check that the server runs and that address and port are right.",
  ENOTFOUND: "there is no host of that name. Check the address.",
  EAI_AGAIN: "the name of the host cannot be looked up now. Check the address and the network.",
  ECONNRESET: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: SILENT,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_INVALID_CHAR: "a header has a character that HTTP does not allow. Check the headers of the calls.",
  ERR_INVALID_HTTP_TOKEN: "a header has a name that HTTP does not allow. Check the headers of the calls.",
  ERR_PROXY_TUNNEL:
    "the proxy did not connect to it. Check the variables HTTPS_PROXY and NO_PROXY, and the rules of the proxy.",
  HPE_INVALID_CONSTANT: "what listens there does not speak HTTP. Check address, port and scheme.",
  "Protocol error": "what listens there does not speak gRPC. Check port and scheme: grpcs:// is for TLS.",
  UND_ERR_CONNECT_TIMEOUT: SILENT,
  "no connection": SILENT,
};

const UNKNOWN_AUTHORITY =
  "its certificate is from an authority that this process does not know. Name the file of the authority in the variable NODE_EXTRA_CA_CERTS.";

/** The codes for a server that can be reached and whose certificate is not accepted. */
const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED:
    "its certificate has expired. The server needs a new one, unless the clock of this machine is wrong.",
  CERT_NOT_YET_VALID:
    "its certificate is not valid yet. Check the clock of this machine; if it is right, the server needs another one.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for other names. Take a name of the certificate as the host in the address.",
};

/**
 * The reason that the certificate of a server was not accepted; undefined if that is not the
 * problem.
 */
export function certificateProblem({ reason, metadata }: StatusError): "authority" | "other" | undefined {
  const code = reason === "SERVER_UNREACHABLE" ? metadata["certificate"] : undefined;
  if (code === undefined) return undefined;
  return CERTIFICATE_ADVICE[code] === UNKNOWN_AUTHORITY ? "authority" : "other";
}

/** The error if there was no answer in time. */
export function tooLate(call: string, timeoutMs: number): StatusError {
  return new StatusError(
    "DEADLINE_EXCEEDED",
    `${call} was not answered within ${formatDuration(timeoutMs)}. Check that the server is well; the call may have had effect.`,
    { reason: "ANSWER_TOO_LATE" },
  );
}

/** Creates the error for a gRPC answer that is not a valid message of the expected type. */
export function notUnderstood(call: string, cause: unknown): StatusError {
  return new StatusError(
    "UNKNOWN",
    `${call} was answered with something that cannot be read. Check that the address is the service's.`,
    { reason: "ANSWER_INVALID", cause },
  );
}

function errorMember(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) && isObject(body["error"]) ? body["error"] : undefined;
  } catch {
    return undefined;
  }
}

/** The reason and metadata of the ErrorInfo in the details, together with all details. */
function infoOf(details: readonly ErrorDetail[]) {
  const info = details.find((each) => each["@type"].endsWith("/google.rpc.ErrorInfo"));
  const metadata = isObject(info?.["metadata"])
    ? (info["metadata"] as Readonly<Record<string, string>>)
    : undefined;
  return {
    details,
    ...(typeof info?.["reason"] === "string" ? { reason: info["reason"] } : {}),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** The stable reason of a failed operation, if there is one. */
export function reasonOf(failure: Failure): string | undefined {
  return infoOf(failure.details).reason;
}
