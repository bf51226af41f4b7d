import type { Operation } from "../../src/core/operation/operation.ts";
import type { Expected } from "../conformance/model/expected.ts";
import type { Oracle } from "../conformance/model/oracle.ts";

/** A change that the engine decided. */
interface Change {
  readonly next: Expected;
  readonly record: Operation;
  /** The database's clock at the commit. */
  readonly now: number;
}

/** A mark that handlers leave in all their results: the attempt that made them. */
const WHOSE = /"attempt":(\d+)|attempt (\d+) of/;
/** The error with which handlers end an operation on purpose. */
const FINAL = "FAILED_PRECONDITION";

/**
 * Carries out a replacement on the oracle, by the rule that leads to it.
 *
 * @returns the problem, if no rule of the model leads to it
 */
export function applyChange(oracle: Oracle, each: Expected, change: Change): string | undefined {
  const { next } = change;
  if (next.endTime !== null) oracle.now = next.endTime;
  if (each.cancelTime === null && next.cancelTime !== null) {
    oracle.now = next.cancelTime;
    oracle.cancel(each);
    return undefined;
  }
  // An attempt has ended when the engine says so.
  if (next.attempts !== each.attempts) oracle.now = change.record.attempts.at(-1)?.endTime ?? oracle.now;
  if (next.error === "DEADLINE_PASSED") return passDeadline(oracle, each, next);
  if (each.state !== "RUNNING") return `an operation that nobody runs becomes ${next.state}`;
  if (next.state === "RUNNING") return "a running operation changes for no reason";
  const foreign = foreignAttempt(each, change);
  if (foreign !== undefined) return foreign;
  if (next.state === "SUCCEEDED") {
    each.metadata = next.metadata;
    oracle.complete(each, next.response ?? "");
    return undefined;
  }
  if (next.failedAttempts > each.failedAttempts) return fail(oracle, each, change);
  each.metadata = next.metadata;
  if (next.endTime === null) oracle.now = next.availableTime;
  oracle.release(each);
  return undefined;
}

function passDeadline(oracle: Oracle, each: Expected, next: Expected): string | undefined {
  const { deadlineTime } = each;
  if (deadlineTime === null || next.endTime === null || deadlineTime > next.endTime)
    return "a deadline passes before its time";
  // Its worker also sees the deadline, and counts a failed attempt; the sweep does not.
  const isByWorker = each.state === "RUNNING" && next.failedAttempts === each.failedAttempts + 1;
  if (isByWorker) {
    each.metadata = next.metadata;
    const status = "DEADLINE_EXCEEDED";
    oracle.fail(each, { code: "DEADLINE_PASSED", status, onPurpose: true, retryTime: null });
  } else oracle.passDeadline(each);
  return undefined;
}

/** A failed attempt, by its handler or by an expired lease. */
function fail(oracle: Oracle, each: Expected, { next, record, now }: Change): string | undefined {
  const isLost = record.exception?.startsWith(`The lease of attempt ${each.attempt} `) === true;
  if (isLost && (each.leaseTime === null || each.leaseTime > now))
    return "a lease is taken for passed that lasts";
  if (isLost) {
    oracle.lose(each, next.availableTime - oracle.now);
    return undefined;
  }
  each.metadata = next.metadata;
  const isFinal = next.error === FINAL;
  oracle.fail(each, {
    code: next.error ?? "HANDLER_FAILED",
    status: record.attempts.at(-1)?.code ?? "",
    onPurpose: isFinal,
    retryTime: isFinal ? null : next.availableTime,
  });
  return undefined;
}

/** The result of a handler may be committed only for the attempt that made it. */
function foreignAttempt(each: Expected, { next, record }: Change): string | undefined {
  const left = next.response ?? record.error?.message;
  const match = left === undefined ? null : WHOSE.exec(left);
  const attempt = match === null ? each.attempt : Number(match[1] ?? match[2]);
  return attempt === each.attempt
    ? undefined
    : `attempt ${attempt} commits what attempt ${each.attempt} has the right to`;
}
