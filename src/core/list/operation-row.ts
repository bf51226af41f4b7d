import type { ErrorCode } from "../error/code.ts";
import { LIMITS } from "../limits.ts";
import type { Operation } from "../operation/operation.ts";
import { isSealed, sealedHead } from "../operation/sealed.ts";
import { leadingMembers } from "../value/json-members.ts";
import { firstLine } from "../value/text.ts";

/** An operation in an operators' list: nothing of its payloads but the message of its progress. */
export interface OperationRow
  extends Pick<
    Operation,
    | "id"
    | "parent"
    | "method"
    | "target"
    | "state"
    | "createTime"
    | "availableTime"
    | "startTime"
    | "attemptTime"
    | "endTime"
    | "attempt"
    | "attemptsMax"
    | "failedAttempts"
    | "priority"
    | "parallelKey"
  > {
  /** 0 to 100, as the handler reported it last; null where it did not. */
  readonly progressPercent: number | null;
  /**
   * Of what failed the first line of the exception, which tells more than callers are told, otherwise the message of the error;
   * of everything else what the handler reported last. One line, cut; may be empty. Of a sealed text: its head, sealed, in which
   * the progress is too.
   */
  readonly message: string;
  /** Null where there is no error. */
  readonly errorCode: ErrorCode | null;
  /** Who runs the attempt, or ran the last one; null before the first. */
  readonly worker: string | null;
  readonly cancelRequested: boolean;
  /** Whether it waits for a place of its key. */
  readonly blocked: boolean;
}

/**
 * The row of a record.
 *
 * @param record its metadata and error may be cut after `LIMITS.rowTextMax` characters, its exception after
 *   `LIMITS.rowExceptionMax`, and its other payloads left out
 */
export function rowOf(record: Operation): OperationRow {
  const { id, parent, method, target, state, createTime, availableTime, startTime, attemptTime, endTime } =
    record;
  const { attempt, attemptsMax, failedAttempts, priority, parallelKey, error } = record;
  const known = {
    id,
    parent,
    method,
    target,
    state,
    createTime,
    availableTime,
    startTime,
    attemptTime,
    endTime,
  };
  const counted = { attempt, attemptsMax, failedAttempts, priority, parallelKey };
  return {
    ...known,
    ...counted,
    ...progressOf(record),
    errorCode: error?.code ?? null,
    worker: record.worker ?? record.lastWorker,
    cancelRequested: record.cancelTime !== null,
    // One that ended while it waited stays blocked, in its record.
    blocked: record.blocked && state === "PENDING",
  };
}

/** What a row tells of payloads and errors. */
export function progressOf({
  state,
  metadata,
  error,
  exception,
}: Pick<Operation, "state" | "metadata" | "error" | "exception">): Pick<
  OperationRow,
  "progressPercent" | "message"
> {
  const json = metadata?.json.slice(0, LIMITS.rowTextMax) ?? "";
  const told = error?.message ?? json;
  if (isSealed(told)) return { progressPercent: null, message: sealedHead(told) };
  const reported = leadingMembers(json, ["progressPercent", "statusMessage"]);
  const [percent, status] = [reported.get("progressPercent"), reported.get("statusMessage")];
  const thrown = state === "FAILED" ? exception?.slice(0, LIMITS.rowExceptionMax) : null;
  const message = thrown ?? error?.message ?? (typeof status === "string" ? status : "");
  return {
    progressPercent: typeof percent === "number" && percent >= 0 && percent <= 100 ? percent : null,
    message: firstLine(message, LIMITS.rowMessageLengthMax),
  };
}
