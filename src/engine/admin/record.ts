import { LIMITS } from "../../core/limits.ts";
import { isId } from "../../core/operation/id.ts";
import type { Method } from "../../core/method/method.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";

/** An operation with details that only operators see. */
export interface AdminRecord {
  readonly operation: Operation;
  /** The name of the operation that this one repeats; empty for none. */
  readonly againOf: string;
  /** The reason that it was or was not retried, as a sentence; empty if no attempt failed. */
  readonly retried: string;
  readonly asOf: number;
}

/** `again/{old id}/{anything}`: the request id of an operation that repeats another. */
const AGAIN = /^again\/([0-9a-f-]{36})\/./;

/** The id of the operation that this one repeats; undefined for none. */
export function againIdOf({ requestId }: Pick<Operation, "requestId">): string | undefined {
  const id = requestId === null ? undefined : AGAIN.exec(requestId)?.[1];
  return id !== undefined && isId(id) ? id : undefined;
}

/**
 * The request id for starting an operation again. @param chosen distinguishes several such starts
 */
export function againRequestId(id: string, chosen: string): string {
  return `again/${id}/${chosen}`.slice(0, LIMITS.requestIdLengthMax);
}

/**
 * The request for starting an operation again. If the request has a request id field, it gets the
 * new id: a call and its request must not differ in it.
 */
export function againRequest(request: unknown, requestId: string): unknown {
  const own =
    typeof request === "object" && request !== null && "requestId" in request ? request.requestId : "";
  if (typeof own !== "string" || own === "") return request;
  return Object.assign(request as object, { requestId });
}

/**
 * The reason that an operation was or was not retried.
 *
 * @param method undefined if this process does not declare it
 */
export function retriedText(
  operation: Operation,
  method: Pick<Method, "retry" | "isRemote"> | undefined,
): string {
  const { state, error, failedAttempts, attemptsMax, deadlineTime, endTime } = operation;
  if (state === "FAILED" && error !== null) {
    if (failedAttempts >= attemptsMax)
      return `It was tried ${times(attemptsMax)}, as often as its method allows.`;
    if (deadlineTime !== null && endTime !== null && endTime >= deadlineTime)
      return "It was not tried again: its deadline had passed.";
    if (method?.isRemote === true || method?.retry.codes.has(error.code) === true)
      return "It was not tried again: its worker reported the error as final.";
    const codes = method === undefined ? "" : ` (those are ${[...method.retry.codes].join(", ") || "none"})`;
    return `It was not tried again: ${error.code} is not among the codes that its method retries${codes}.`;
  }
  // A cancelled attempt counts among the failed ones, but did not fail.
  if (failedAttempts === 0 || state === "CANCELLED") return "";
  const failed = `${failedAttempts} of ${attemptsMax} attempts failed`;
  return isDone(operation) ? `${failed}.` : `${failed}; it is tried again until all of them have.`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
