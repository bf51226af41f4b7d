import { shardOf } from "../../core/operation/id.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, ReplaceCommand } from "../../core/ports/store.ts";
import {
  attemptsText,
  attemptTimeCell,
  type ChangeRow,
  toAttempts,
  toAttemptTime,
  toChange as changeOfRow,
  toFailure,
  toLightFailure,
  toPayload,
  toState,
} from "../cells.ts";
import type { Cell } from "./array.ts";
import type { Row } from "./database.ts";

/**
 * Converts records to rows and back: the only file that knows both. Rows are arrays, in the order
 * of the columns in statements.ts.
 */
export type OperationRow = readonly [
  id: string,
  parent: string,
  method: string,
  requestId: string | null,
  request: string,
  target: string,
  priority: number,
  parallelKey: string | null,
  attemptsMax: number,
  createTime: Large,
  timeToLiveMs: Large,
  deadlineTime: Large | null,
  caller: string | null,
  traceContext: string | null,
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
  startTime: Large | null,
  endTime: Large | null,
  expireTime: Large | null,
  availableTime: Large,
  blocked: boolean,
  cancelTime: Large | null,
  worker: string | null,
  attemptTime: Large | null,
  lastWorker: string | null,
  attempts: string | null,
  leaseTime: Large | null,
];

/** A large integer: a number from our driver, a text from the drivers of callers. */
type Large = number | string;

/** The row that an insert stores, of a record that has neither reported nor ended. */
export function toInsertRow(operation: Operation, blocked: boolean): readonly Cell[] {
  return [
    shardOf(operation.id),
    operation.id,
    operation.parent,
    operation.method,
    operation.requestId,
    operation.request,
    operation.target,
    operation.priority,
    operation.parallelKey,
    operation.attemptsMax,
    operation.createTime,
    operation.timeToLiveMs,
    operation.deadlineTime,
    operation.state,
    operation.revision,
    operation.attempt,
    operation.startTime,
    operation.availableTime,
    blocked,
    operation.worker,
    operation.leaseTime,
    operation.caller,
    operation.traceContext,
  ];
}

/** The row that a replacement compares and sets. */
export function toReplaceRow({ next, expectedRevision, expectedLeaseTime }: ReplaceCommand): readonly Cell[] {
  const { metadata, response, error } = next;
  return [
    shardOf(next.id),
    next.id,
    expectedRevision,
    expectedLeaseTime ?? null,
    next.state,
    next.revision,
    next.attempt,
    next.failedAttempts,
    metadata?.type ?? null,
    metadata?.json ?? null,
    response?.type ?? null,
    response?.json ?? null,
    error === null ? null : JSON.stringify(error),
    next.exception,
    next.startTime,
    next.endTime,
    next.expireTime,
    next.availableTime,
    next.blocked,
    next.cancelTime,
    next.worker,
    attemptTimeCell(next),
    next.lastWorker,
    attemptsText(next.attempts),
    next.leaseTime,
  ];
}

/** The record that a row holds. */
export function toOperation(row: Row): Operation {
  return recordOf(row, toFailure);
}

/** The record of a row whose payloads were left out or cut, and whose error was cut. */
export function toLightOperation(row: Row): Operation {
  return recordOf(row, toLightFailure);
}

function recordOf(row: Row, readError: typeof toFailure): Operation {
  // biome-ignore format: in the order of the columns, what is fixed first
  const [
    id, parent, method, requestId, request, target, priority, parallelKey, attemptsMax, createTime, timeToLiveMs,
    deadlineTime, caller, traceContext,
    state, revision, attempt, failedAttempts, metadataType, metadata, responseType, response, error, exception,
    startTime, endTime, expireTime, availableTime, blocked, cancelTime, worker, attemptTime, lastWorker, attempts, leaseTime,
  ] = row as OperationRow;
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
    createTime: Number(createTime),
    startTime: toTime(startTime),
    attemptTime: toAttemptTime(toTime(attemptTime), attempt, toTime(startTime)),
    endTime: toTime(endTime),
    timeToLiveMs: Number(timeToLiveMs),
    expireTime: toTime(expireTime),
    deadlineTime: toTime(deadlineTime),
    availableTime: Number(availableTime),
    blocked,
    cancelTime: toTime(cancelTime),
    leaseTime: toTime(leaseTime),
    worker,
    lastWorker,
    attempts: toAttempts(attempts),
  };
}

function toTime(value: Large | null): number | null {
  return value === null ? null : Number(value);
}

/** The change for listeners, from a row after its change. */
export function toChange(row: Row, removed: boolean): Change {
  return changeOfRow(row as unknown as ChangeRow, removed);
}
