import { Metadata, status, type StatusObject } from "@grpc/grpc-js";
import { errorDetails } from "../../core/error/error-details.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { errorProto } from "../../wire/proto/status.ts";
import { challengeOf } from "../credential-refusal.ts";
import type { Types } from "../../wire/proto/registry.ts";

/** The trailer with an error's `google.rpc.Status`. @see contract section 7 */
const DETAILS_TRAILER = "grpc-status-details-bin";
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
/** The length to which a message is cut if an error is too large for the trailers. */
const SHORT_MESSAGE = 256;

/**
 * An error for grpc-js: number, message, and the whole `google.rpc.Status` in a trailer, with the
 * same code and message.
 *
 * @param domain the domain of the ErrorInfo that every error has
 */
export function grpcStatus(error: StatusError, domain: string, types: Types): StatusObject {
  const { shown, bytes } = fitting(wellFormed(error), domain, types);
  const metadata = new Metadata();
  metadata.set(DETAILS_TRAILER, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const challenge = challengeOf(error, domain);
  if (challenge !== undefined) metadata.set("www-authenticate", challenge);
  return { code: status[shown.code], details: shown.message, metadata };
}

/**
 * The error, shortened if necessary: clients reject headers of more than 8 KiB, and the caller
 * would then learn nothing at all. First it loses all details except the ErrorInfo, then the end of
 * the message, then the ErrorInfo's metadata.
 */
function fitting(
  error: StatusError,
  domain: string,
  types: Types,
): { readonly shown: StatusError; readonly bytes: Uint8Array } {
  for (const shorten of [whole, onlyInfo, shortMessage]) {
    const shown = shorten(error, domain);
    const bytes = errorProto(shown, domain, types);
    if (trailerBytes(shown.message, bytes) <= LIMITS.grpcErrorBytesMax) return { shown, bytes };
  }
  const shown = bareInfo(error);
  return { shown, bytes: errorProto(shown, domain, types) };
}

function whole(error: StatusError): StatusError {
  return error;
}

function onlyInfo(error: StatusError, domain: string): StatusError {
  const details = errorDetails(error, domain).filter((each) => each["@type"] === ERROR_INFO);
  return new StatusError(error.code, error.message, { details });
}

function shortMessage(error: StatusError, domain: string): StatusError {
  const { details } = onlyInfo(error, domain);
  return new StatusError(error.code, cut(error.message, SHORT_MESSAGE), { details });
}

function bareInfo({ code, message, reason = code }: StatusError): StatusError {
  return new StatusError(code, cut(message, SHORT_MESSAGE), { reason: cut(reason, SHORT_MESSAGE) });
}

/** The size in headers: the message is percent-encoded, the details are base64. */
function trailerBytes(message: string, bytes: Uint8Array): number {
  return encodeURI(message).length + Math.ceil(bytes.length / 3) * 4;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`.toWellFormed();
}

/**
 * Half of a surrogate pair, which a cut may leave, can be neither percent-encoded nor sent as
 * UTF-8.
 */
function wellFormed(error: StatusError): StatusError {
  if (error.message.isWellFormed()) return error;
  const { code, message, reason, metadata, details } = error;
  return new StatusError(code, message.toWellFormed(), {
    ...(reason === undefined ? {} : { reason }),
    metadata,
    details,
  });
}
