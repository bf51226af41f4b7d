import { parseDurationMs } from "../core/value/duration.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import type { AttemptDetails } from "../core/method/attempt-details.ts";
import { formatName } from "../core/operation/name.ts";
import type { TargetSetting } from "./setting.ts";

/** Why a target is told that nobody waits for its answer any more. */
export type CancelReason = "cancelled" | "deadline" | "shutdown" | "timeout";

/** What is posted, but for what says who calls. */
export interface TargetRequest {
  /** The same for every try: for signatures and for `Idempotency-Key`. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The work of an attempt. @param endTime on the store's clock, until when an answer is waited for */
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

/** What tells a target to stop. */
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
    // What is compressed may be a thousand times as large as it comes.
    "accept-encoding": "identity",
    "content-type": "application/json",
    "longrunning-operation": headerText(formatName(operation)),
    "longrunning-attempt": String(operation.attempt),
    "longrunning-method": operation.method,
    ...(traceparent === "" ? {} : { traceparent }),
    ...(state.length === 0 ? {} : { tracestate: state.join(" ") }),
  };
}

/** Headers are ASCII: what is not is percent-encoded, and so is a percent sign. */
function headerText(text: string): string {
  return text.replaceAll(/[^!-~]|%/gu, (character) => encodeURIComponent(character));
}

/** Milliseconds of a `Longrunning-Lease` such as `300s`; undefined for what is no duration. */
export function leaseMsOf(header: string): number | undefined {
  return parseDurationMs(header.trim());
}
