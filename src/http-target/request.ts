import { parseDurationMs } from "../core/value/duration.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import type { AttemptDetails } from "../core/method/attempt-details.ts";
import { formatName } from "../core/operation/name.ts";
import type { TargetSetting } from "./setting.ts";

/** The reason that an answer is no longer needed. */
export type CancelReason = "cancelled" | "deadline" | "shutdown" | "timeout";

/** A request without its credential. */
export interface TargetRequest {
  /** The same for every attempt, for signatures and for `Idempotency-Key`. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The request for an attempt. @param endTime the end of the wait for the answer, on the store's
 * clock
 */
export function workRequest(setting: TargetSetting, details: AttemptDetails, endTime: number): TargetRequest {
  const { operation, attemptToken } = details;
  const { id, request, attemptsMax } = operation;
  return {
    id,
    body: request,
    headers: {
      ...attemptHeaders(setting, details),
      "idempotency-key": id,
      "longrunning-attempts-max": String(attemptsMax),
      "longrunning-deadline": formatTimestamp(endTime),
      ...(attemptToken === undefined ? {} : { "longrunning-attempt-token": attemptToken(operation) }),
    },
  };
}

/** The request that asks a target to stop. */
export function cancelRequest(
  setting: TargetSetting,
  details: AttemptDetails,
  reason: CancelReason,
): TargetRequest {
  const { operation } = details;
  const { id: of, attempt } = operation;
  const id = `${of}-cancel-${attempt}`;
  return {
    id,
    body: JSON.stringify({ name: formatName(operation), attempt, reason }),
    headers: { ...attemptHeaders(setting, details), "idempotency-key": id },
  };
}

function attemptHeaders(
  { headers }: TargetSetting,
  { operation, traceContext }: AttemptDetails,
): Readonly<Record<string, string>> {
  const [traceparent = "", ...state] = (traceContext ?? "").split(" ");
  return {
    ...headers,
    accept: "application/json",
    // Compressed content may be a thousand times larger than its transfer.
    "accept-encoding": "identity",
    "content-type": "application/json",
    "longrunning-operation": headerText(formatName(operation)),
    "longrunning-attempt": String(operation.attempt),
    "longrunning-method": operation.method,
    ...(traceparent === "" ? {} : { traceparent }),
    ...(state.length === 0 ? {} : { tracestate: state.join(" ") }),
  };
}

/** Headers are ASCII, so other characters and percent signs are percent-encoded. */
function headerText(text: string): string {
  return text.replaceAll(/[^!-~]|%/gu, (character) => encodeURIComponent(character));
}

/** The milliseconds of a `Longrunning-Lease` such as `300s`; undefined for an invalid duration. */
export function leaseMsOf(header: string): number | undefined {
  return parseDurationMs(header.trim());
}
