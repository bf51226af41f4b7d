import { WireType } from "@bufbuild/protobuf/wire";
import type { Failure } from "../../core/operation/operation.ts";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";
import { typeUrl } from "../any.ts";
import { claimFacts, type ShownClaim, type ShownOutcome, type ShownRenewal } from "../worker.ts";
import { writeAny } from "./any.ts";
import { writeStatus } from "./status.ts";
import { writeStruct } from "./struct.ts";
import type { Types } from "./registry.ts";
import { open, type Writer, written } from "./writer.ts";

/**
 * The answers for workers without the store, as the bytes of the messages of
 * `longrunning.v1.Workers`. They have the same content as the JSON of `wire/worker.ts`.
 *
 * @see proto/longrunning/v1/workers.proto
 */

/** The request message of a method declared by a proto. */
export interface RequestMessage {
  /** The full name of the message. */
  readonly type: string;
  /** The bytes of a request, from its stored form. */
  bytes(json: string): Uint8Array;
}

/** The bytes of a `longrunning.v1.Claim`. @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE */
export function claimProto(
  { attempt, operation, leaseMs }: ShownClaim,
  types: Types,
  message?: RequestMessage,
): Uint8Array {
  const { request, metadata, trace, principal, tenant } = claimFacts(operation, message?.type);
  const { deadlineTime, failedAttempts, attemptsMax, cancelTime, priority } = operation;
  return written((writer) => {
    open(writer, 1);
    text(writer, 1, attempt.name);
    number(writer, 2, attempt.attempt);
    text(writer, 3, attempt.token);
    writer.join();
    text(writer, 2, operation.method);
    if (message === undefined) payload(writer, request, { struct: 3, any: 4, types });
    else messageAny(writer, message, request.json);
    open(writer, 5);
    time(writer, leaseMs);
    writer.join();
    if (deadlineTime !== null) {
      open(writer, 6);
      time(writer, deadlineTime);
      writer.join();
    }
    number(writer, 7, failedAttempts);
    number(writer, 8, attemptsMax);
    flag(writer, 9, cancelTime !== null);
    if (metadata !== undefined) payload(writer, metadata, { struct: 10, any: 14, types });
    text(writer, 11, operation.target);
    number(writer, 12, priority);
    for (const [name, value] of trace) {
      open(writer, 13);
      text(writer, 1, name);
      text(writer, 2, value);
      writer.join();
    }
    text(writer, 15, principal);
    text(writer, 16, tenant);
  });
}

/** The bytes of a `longrunning.v1.ClaimOperationsResponse`. @param now the store's clock */
export function claimsProto(claims: readonly Uint8Array[], now: number): Uint8Array {
  return written((writer) => {
    for (const claim of claims) writer.tag(1, WireType.LengthDelimited).bytes(claim);
    open(writer, 2);
    time(writer, now);
    writer.join();
  });
}

/** The bytes of a `longrunning.v1.RenewAttemptsResponse`. */
export function renewalsProto(answers: readonly ShownRenewal[], types: Types): Uint8Array {
  return written((writer) => {
    for (const { held, leaseMs, cancelRequested, error } of answers) {
      open(writer, 1);
      flag(writer, 1, held);
      if (held) {
        open(writer, 2);
        time(writer, leaseMs);
        writer.join();
      }
      flag(writer, 3, cancelRequested);
      failure(writer, 4, error, types);
      writer.join();
    }
  });
}

/** The bytes of the answers to outcomes: of completions, failures and releases alike. */
export function outcomesProto(answers: readonly ShownOutcome[], types: Types): Uint8Array {
  return written((writer) => {
    for (const { error, state } of answers) {
      open(writer, 1);
      failure(writer, 1, error, types);
      text(writer, 2, state);
      writer.join();
    }
  });
}

function payload(
  writer: Writer,
  of: Payload,
  { struct, any, types }: { readonly struct: number; readonly any: number; readonly types: Types },
): void {
  open(writer, of.type === STRUCT ? struct : any);
  if (of.type === STRUCT) writeStruct(writer, JSON.parse(of.json) as object);
  else writeAny(writer, of, types);
  writer.join();
}

function messageAny(writer: Writer, message: RequestMessage, json: string): void {
  open(writer, 4);
  text(writer, 1, typeUrl(message.type));
  const bytes = message.bytes(json);
  if (bytes.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(bytes);
  writer.join();
}

function failure(writer: Writer, field: number, error: Failure | undefined, types: Types): void {
  if (error === undefined) return;
  open(writer, field);
  writeStatus(writer, error, types);
  writer.join();
}

function text(writer: Writer, field: number, value: string): void {
  if (value !== "") writer.tag(field, WireType.LengthDelimited).string(value);
}

function number(writer: Writer, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).int32(value);
}

function flag(writer: Writer, field: number, value: boolean): void {
  if (value) writer.tag(field, WireType.Varint).bool(value);
}

const NANOS_PER_MS = 1_000_000;

/**
 * The fields of a Timestamp, or of a Duration that is not negative, which are the same. @param ms
 * the time since a fixed instant, or the duration
 */
function time(writer: Writer, ms: number): void {
  const whole = Math.floor(ms);
  const seconds = Math.floor(whole / 1_000);
  if (seconds !== 0) writer.tag(1, WireType.Varint).int64(seconds);
  number(writer, 2, (whole - seconds * 1_000) * NANOS_PER_MS);
}
