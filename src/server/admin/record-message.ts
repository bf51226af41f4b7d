import { fromBinary } from "@bufbuild/protobuf";
import { attemptsKnownFrom, attemptsOf, type ShownAttempt } from "../../core/operation/attempts.ts";
import { type OperationRow as Row, rowOf } from "../../core/list/operation-row.ts";
import { formatName } from "../../core/operation/name.ts";
import { callerOf } from "../../core/caller.ts";
import { fingerprintOf } from "../../core/fingerprint.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";
import { readTraceContext } from "../../core/trace-context.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { shownWorker } from "../../core/operation/remote-worker.ts";
import type { AdminRecord } from "../../engine/admin/record.ts";
import { type Status, StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import type {
  Attempt,
  OperationRecord,
  OperationRow,
} from "../../wire/gen/longrunning/v1/admin_operations_pb.ts";
import { operationJson, type OperationView } from "../../wire/operation.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { writeStatus } from "../../wire/proto/status.ts";
import { written } from "../../wire/proto/writer.ts";
import type { PlainMessage } from "./plain-message.ts";

const PAYLOADS = ["request", "metadata", "response"] as const;

/** A payload of an operation. */
export type PayloadName = (typeof PAYLOADS)[number];

/**
 * The payload to send regardless of its size; undefined for none. @throws {StatusError}
 * INVALID_ARGUMENT PARAMETER_INVALID
 */
export function payloadNameOf(text: string): PayloadName | undefined {
  if (text === "") return undefined;
  const found = PAYLOADS.find((each) => each === text);
  if (found !== undefined) return found;
  const shown = JSON.stringify(text.slice(0, 100));
  const description = `Invalid value at 'payload': expected ${PAYLOADS.join(", ")}, got ${shown}.`;
  throw fieldError("PARAMETER_INVALID", { field: "payload", description });
}

/** The settings for showing records. */
export interface RecordView {
  readonly view: OperationView;
  readonly types: Types;
  /** The payload to send regardless of its size. */
  readonly payload: PayloadName | undefined;
}

/** A record as its message. Payloads are texts, exactly as they are stored. */
export function plainRecord(record: AdminRecord, how: RecordView): PlainMessage<OperationRecord> {
  const { operation, againOf, retried, asOf } = record;
  const { request, metadata, response, error } = operation;
  const { principal = "", tenant = null } = callerOf(operation.caller) ?? {};
  const requestText = textOf("request", request, how);
  const metadataText = textOf("metadata", metadata?.json, how);
  const responseText = textOf("response", response?.json, how);
  const isWhole = !metadataText.isLeftOut && !responseText.isLeftOut;
  return {
    row: plainRow(rowOf(operation)),
    requestId: operation.requestId ?? "",
    expireTime: operation.expireTime,
    deadlineTime: operation.deadlineTime,
    cancelTime: operation.cancelTime,
    leaseTime: operation.leaseTime,
    revision: operation.revision,
    principal,
    tenant: tenant ?? "",
    error: error === null ? null : statusOf(error, how.types),
    exception: operation.exception ?? "",
    retried,
    attempts: attemptsOf(operation).map(plainAttempt),
    attemptsRecordedFrom: attemptsKnownFrom(operation),
    requestJson: requestText.text,
    metadataJson: metadataText.text,
    responseJson: responseText.text,
    operationJson: isWhole ? operationJson(operation, how.view) : null,
    requestBytes: requestText.bytes,
    metadataBytes: metadataText.bytes,
    responseBytes: responseText.bytes,
    againOf,
    traceId: readTraceContext(operation.traceContext)?.traceId ?? "",
    asOf,
    failureKey: fingerprintOf(operation)?.key ?? "",
  };
}

/** A row as its message. */
export function plainRow(row: Row): PlainMessage<OperationRow> {
  const { id, parent, parallelKey, errorCode, worker, blocked, ...shown } = row;
  return {
    ...shown,
    name: formatName({ id, parent }),
    key: parallelKey ?? "",
    errorCode: errorCode ?? "",
    worker: shownWorker(worker ?? ""),
    // The record of an operation that ended while it waited keeps the flag.
    blocked: blocked && row.state === "PENDING",
  };
}

function plainAttempt(attempt: ShownAttempt): PlainMessage<Attempt> {
  return { ...attempt, worker: shownWorker(attempt.worker ?? ""), code: attempt.code ?? "" };
}

/** A payload, and whether it is too large to be sent without being asked for. */
interface PayloadText {
  readonly text: string | null;
  readonly bytes: number;
  readonly isLeftOut: boolean;
}

function textOf(name: PayloadName, json: string | undefined, { payload }: RecordView): PayloadText {
  const bytes = Buffer.byteLength(json ?? "");
  const isLeftOut = bytes > LIMITS.adminPayloadBytesMax && payload !== name;
  return { text: isLeftOut ? null : (json ?? null), bytes, isLeftOut };
}

function statusOf(error: Failure, types: Types): Status {
  return fromBinary(
    StatusSchema,
    written((writer) => writeStatus(writer, error, types)),
  );
}
