import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { GetOperationRequestSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { messageExtent } from "./extent.ts";

/**
 * The tag of field 1 with wire type 2 (length-delimited), the only field of messages with just a
 * name.
 */
const NAME_TAG = 0x0a;
/** The largest length that takes one byte; real names are shorter. */
const SHORT_MAX = 0x7f;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Decodes the message of a request.
 *
 * @throws {StatusError} INVALID_ARGUMENT MESSAGE_INVALID for invalid bytes, BODY_TOO_LARGE for too
 * many fields
 */
export function messageOf<Desc extends DescMessage>(desc: Desc, bytes: Uint8Array): MessageShape<Desc> {
  const { messageFieldsMax } = LIMITS;
  // Each field takes at least a byte.
  if (bytes.length > messageFieldsMax && messageExtent(desc, bytes, messageFieldsMax) > messageFieldsMax)
    throw serviceError(
      "BODY_TOO_LARGE",
      `The request is too large: a message has ${messageFieldsMax} fields and elements of lists at most, all levels together, got more.`,
      { metadata: { message: desc.typeName } },
    );
  try {
    // Unknown fields would be kept, and a request can contain two million of them.
    return fromBinary(desc, bytes, { readUnknownFields: false });
  } catch {
    // The decoder's error describes its own internals, so it is left out.
    throw serviceError("MESSAGE_INVALID", `The request's bytes are not a ${desc.typeName}.`, {
      metadata: { message: desc.typeName },
    });
  }
}

/**
 * Decodes a message of `google.longrunning.Operations`, which is as small as an address over REST.
 *
 * @throws {StatusError} INVALID_ARGUMENT MESSAGE_INVALID, BODY_TOO_LARGE
 */
export function smallMessageOf<Desc extends DescMessage>(desc: Desc, bytes: Uint8Array): MessageShape<Desc> {
  if (bytes.length <= LIMITS.headerBytesMax) return messageOf(desc, bytes);
  throw serviceError(
    "BODY_TOO_LARGE",
    `The request is too large: a ${desc.typeName} has ${LIMITS.headerBytesMax} bytes at most, got ${bytes.length}.`,
    { metadata: { message: desc.typeName } },
  );
}

/**
 * The name in a `GetOperationRequest`, or in the equal messages of Delete and Cancel. A plain
 * message, as nearly all are, is read without decoding it.
 *
 * @throws {StatusError} INVALID_ARGUMENT MESSAGE_INVALID, BODY_TOO_LARGE
 */
export function nameOf(bytes: Buffer): string {
  const length = bytes[1];
  if (bytes[0] === NAME_TAG && length !== undefined && length <= SHORT_MAX && bytes.length === length + 2) {
    const name = bytes.toString("latin1", 2);
    if (PRINTABLE.test(name)) return name;
  }
  return smallMessageOf(GetOperationRequestSchema, bytes).name;
}

/**
 * The longest time for a Wait, in milliseconds.
 *
 * It is the shorter of the request's timeout and the call's deadline (operations.proto). The answer
 * leaves a little before the deadline, so that it arrives before the caller gives up; a quarter of
 * a second allows for the round trip. Undefined if neither is set.
 *
 * @param leftMs the time until the deadline; Infinity for none
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for a negative timeout or an invalid
 * duration
 */
export function waitMs(timeout: Duration | undefined, leftMs: number): number | undefined {
  const asked = timeout === undefined ? Number.POSITIVE_INFINITY : timeoutMs(timeout);
  const margin = Math.min(LIMITS.serverTimeoutMarginMs, leftMs / 10);
  const least = leftMs === Number.POSITIVE_INFINITY ? asked : Math.min(asked, leftMs - margin);
  return least === Number.POSITIVE_INFINITY ? undefined : Math.max(least, 0);
}

/** @see google/protobuf/duration.proto for the range of durations */
function timeoutMs({ seconds, nanos }: Duration): number {
  if (seconds < 0n || nanos < 0 || nanos > 999_999_999 || seconds > DURATION_SECONDS_MAX) {
    const shown = `${seconds} s and ${nanos} ns`;
    throw serviceError(
      "PARAMETER_INVALID",
      `Invalid timeout: expected a duration of 0 or more, got ${shown}.`,
      {
        metadata: { parameter: "timeout", value: shown },
      },
    );
  }
  return Number(seconds) * 1_000 + nanos / 1_000_000;
}

const DURATION_SECONDS_MAX = 315_576_000_000n;
