import type { Operation } from "../../core/operation/operation.ts";
import {
  attemptTimeCell,
  attemptsText,
  toAttempts,
  toAttemptTime,
  toFailure,
  toLightFailure,
  toPayload,
  toState,
} from "../cells.ts";

/**
 * Converts records to rows and back: the only file that knows both.
 *
 * Rows are arrays, in the order of the columns in statements.ts. Binding and reading by name took
 * up to twice the time: 55 µs instead of 27 for an insert, 11 instead of 7 for a read.
 */
export type OperationRow = readonly [...FixedColumns, ...ChangingColumns];

/** The request; it never changes. */
type FixedColumns = readonly [
  id: string,
  parent: string,
  method: string,
  requestId: string | null,
  request: string,
  target: string,
  attemptsMax: number,
  createTime: number,
  timeToLiveMs: number,
  deadlineTime: number | null,
  priority: number,
  parallelKey: string | null,
  caller: string | null,
  traceContext: string | null,
];

/** The columns that a replacement may change. */
type ChangingColumns = readonly [
  state: string,
  revision: number,
  attempt: number,
  failedAttempts: number,
  metadataType: string | null,
  metadata: string | null,
  responseType: string | null,
  response: string | null,
  error: string | null,
  exception: string | null,
  startTime: number | null,
  endTime: number | null,
  expireTime: number | null,
  availableTime: number,
  blocked: number,
  cancelTime: number | null,
  worker: string | null,
  attemptTime: number | null,
  lastWorker: string | null,
  attempts: string | null,
  leaseTime: number | null,
];

/** The columns in which the rows of new records differ. */
export type NewRow = readonly [...FixedColumns, availableTime: number];

/** The columns that may change, of a new record that is available at time 0. */
// biome-ignore format: in the order of the columns
const NEW: ChangingColumns = [
  "PENDING", 1, 0, 0, null, null, null, null, null, null,
  null, null, null, 0, 0, null, null, null, null, null, null,
];
const AVAILABLE_TIME = 13;

/** A record as a row, with all columns of an insert. */
export function toRow(operation: Operation): OperationRow {
  return [...toFixedColumns(operation), ...toChangingColumns(operation)];
}

/** The short row of a new record; undefined for any other record. */
export function toNewRow(operation: Operation): NewRow | undefined {
  const isNew = toChangingColumns(operation).every(
    (cell, index) => cell === NEW[index] || index === AVAILABLE_TIME,
  );
  return isNew ? [...toFixedColumns(operation), operation.availableTime] : undefined;
}

/** The new record of a short row. */
export function toNewOperation(row: NewRow): Operation {
  const fixed = row.slice(0, -1) as unknown as FixedColumns;
  const changing = NEW.with(AVAILABLE_TIME, row.at(-1) as number) as unknown as ChangingColumns;
  return toOperation([...fixed, ...changing]);
}

function toFixedColumns(operation: Operation): FixedColumns {
  return [
    operation.id,
    operation.parent,
    operation.method,
    operation.requestId,
    operation.request,
    operation.target,
    operation.attemptsMax,
    operation.createTime,
    operation.timeToLiveMs,
    operation.deadlineTime,
    operation.priority,
    operation.parallelKey,
    operation.caller,
    operation.traceContext,
  ];
}

/** The columns that a replacement may change. */
export function toChangingColumns(operation: Operation): ChangingColumns {
  const { metadata, response, error } = operation;
  return [
    operation.state,
    operation.revision,
    operation.attempt,
    operation.failedAttempts,
    metadata === null ? null : metadata.type,
    metadata === null ? null : metadata.json,
    response === null ? null : response.type,
    response === null ? null : response.json,
    error === null ? null : JSON.stringify(error),
    operation.exception,
    operation.startTime,
    operation.endTime,
    operation.expireTime,
    operation.availableTime,
    Number(operation.blocked),
    operation.cancelTime,
    operation.worker,
    attemptTimeCell(operation),
    operation.lastWorker,
    attemptsText(operation.attempts),
    operation.leaseTime,
  ];
}

/** The record that a row holds. */
export function toOperation(row: OperationRow): Operation {
  return recordOf(row, toFailure);
}

/** The record of a row whose payloads were left out or cut, and whose error was cut. */
export function toLightOperation(row: OperationRow): Operation {
  return recordOf(row, toLightFailure);
}

function recordOf(row: OperationRow, readError: typeof toFailure): Operation {
  // biome-ignore format: in the order of the columns, what is fixed first
  const [
    id, parent, method, requestId, request, target, attemptsMax, createTime, timeToLiveMs, deadlineTime,
    priority, parallelKey, caller, traceContext,
    state, revision, attempt, failedAttempts, metadataType, metadata, responseType, response, error, exception,
    startTime, endTime, expireTime, availableTime, blocked, cancelTime, worker, attemptTime, lastWorker, attempts, leaseTime,
  ] = row;
  return {
    id,
    parent,
    method,
    requestId,
    request,
    target,
    priority,
    parallelKey,
    caller,
    traceContext,
    state: toState(state),
    revision,
    attempt,
    failedAttempts,
    attemptsMax,
    metadata: toPayload(metadataType, metadata),
    response: toPayload(responseType, response),
    error: readError(error),
    exception,
    createTime,
    startTime,
    attemptTime: toAttemptTime(attemptTime, attempt, startTime),
    endTime,
    timeToLiveMs,
    expireTime,
    deadlineTime,
    availableTime,
    blocked: blocked === 1,
    cancelTime,
    leaseTime,
    worker,
    lastWorker,
    attempts: toAttempts(attempts),
  };
}
