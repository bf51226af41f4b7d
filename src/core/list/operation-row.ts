import type { ErrorCode } from "../error/code.ts";
import { LIMITS } from "../limits.ts";
import type { Operation } from "../operation/operation.ts";
import { isSealed, sealedHead } from "../operation/sealed.ts";
import { leadingMembers } from "../value/json-members.ts";
import { firstLine } from "../value/text.ts";

/** An operation in an operators' list, without payloads except for the progress message. */
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
  /** 0 to 100, from the handler's last report; null without one. */
  readonly progressPercent: number | null;
  /**
   * For a failed operation, the first line of the exception, which says more than callers see, or
   * else the error's message. For others, the last reported message. One line, shortened; may be
   * empty. For a sealed text, its sealed head, which also contains the progress.
   */
  readonly message: string;
  /** Null without an error. */
  readonly errorCode: ErrorCode | null;
  /** The worker of the running or last attempt; null before the first. */
  readonly worker: string | null;
  readonly cancelRequested: boolean;
  /** Whether it waits for a place of its key. */
  readonly blocked: boolean;
}

/**
 * The row for a record.
 *
 * @param record its metadata and error may be cut after `LIMITS.rowTextMax` characters, its
 *   exception after `LIMITS.rowExceptionMax`, and other payloads may be missing
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
    // A record that ended while it waited stays blocked.
    blocked: record.blocked && state === "PENDING",
  };
}

/** The parts of a row from payloads and errors. */
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
