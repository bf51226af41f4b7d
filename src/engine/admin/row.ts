import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Operation, State } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";

/** An operation in an operator's list: nothing of its payloads but the message of its progress. */
export interface OperationRow {
  readonly name: string;
  readonly method: string;
  readonly state: State;
  readonly createTime: number;
  readonly availableTime: number;
  readonly startTime: number | null;
  readonly attemptTime: number | null;
  readonly endTime: number | null;
  readonly attempt: number;
  readonly attemptsMax: number;
  readonly failedAttempts: number;
  /** Null where the handler reported none. */
  readonly progressPercent: number | null;
  /** What the handler reported last, or the message of the error. */
  readonly message: string;
  readonly errorCode: string;
  readonly blocked: boolean;
  readonly priority: number;
  readonly key: string;
  readonly worker: string;
  readonly cancelRequested: boolean;
  readonly target: string;
}

/** The row of an operation. */
export function rowOf(operation: Operation): OperationRow {
  const { error, state } = operation;
  const { progressPercent, statusMessage } = progressOf(operation.metadata);
  return {
    name: formatName(operation),
    method: operation.method,
    state,
    createTime: operation.createTime,
    availableTime: operation.availableTime,
    startTime: operation.startTime,
    attemptTime: null,
    endTime: operation.endTime,
    attempt: operation.attempt,
    attemptsMax: operation.attemptsMax,
    failedAttempts: operation.failedAttempts,
    progressPercent,
    message: shortText(error?.message ?? statusMessage),
    errorCode: error?.code ?? "",
    blocked: operation.blocked && state === "PENDING",
    priority: operation.priority,
    key: operation.parallelKey ?? "",
    worker: operation.worker ?? "",
    cancelRequested: operation.cancelTime !== null,
    target: operation.target,
  };
}

/** What a handler says about itself by the names that gcloud knows. @see core/method/metadata.ts */
function progressOf(metadata: Payload | null): {
  readonly progressPercent: number | null;
  readonly statusMessage: string;
} {
  const reported: unknown = metadata === null ? undefined : JSON.parse(metadata.json);
  const { progressPercent, statusMessage } = (reported ?? {}) as Readonly<Record<string, unknown>>;
  return {
    progressPercent: isPercent(progressPercent) ? progressPercent : null,
    statusMessage: typeof statusMessage === "string" ? statusMessage : "",
  };
}

function isPercent(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 100;
}

/** A text as rows and attempts have it. */
export function shortText(text: string): string {
  const { adminMessageLengthMax } = LIMITS;
  if (text.length <= adminMessageLengthMax) return text;
  return `${text.slice(0, adminMessageLengthMax - 1)}…`.toWellFormed();
}
