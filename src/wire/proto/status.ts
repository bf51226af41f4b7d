import { WireType } from "@bufbuild/protobuf/wire";
import { CODES } from "../../core/error/code.ts";
import { errorDetails } from "../../core/error/error-details.ts";
import type { StatusError } from "../../core/error/error.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { writeAnyOfJson } from "./any.ts";
import { STANDARD_TYPES, type Types } from "./registry.ts";
import { open, type Writer, written } from "./writer.ts";

/** Field numbers of `google.rpc.Status`. */
const CODE = 1;
const MESSAGE = 2;
const DETAILS = 3;

/** Writes the fields of a `google.rpc.Status`. @see contract section 1.4 */
export function writeStatus(writer: Writer, failure: Failure, types: Types): void {
  writer.tag(CODE, WireType.Varint).int32(CODES[failure.code]);
  if (failure.message !== "") writer.tag(MESSAGE, WireType.LengthDelimited).string(failure.message);
  for (const detail of failure.details) {
    open(writer, DETAILS);
    writeAnyOfJson(writer, detail, types);
    writer.join();
  }
}

/**
 * An error of a call as the bytes of a `google.rpc.Status`: the body of errors with `alt=proto`,
 * and the value of `grpc-status-details-bin` in gRPC. Here `code` is the canonical code and not the
 * HTTP status (contract sections 1.4, 11.14).
 *
 * @param domain the domain of the ErrorInfo in every error
 */
export function errorProto(error: StatusError, domain: string, types: Types = STANDARD_TYPES): Uint8Array {
  const failure = { code: error.code, message: error.message, details: errorDetails(error, domain) };
  return written((writer) => writeStatus(writer, failure, types));
}
