import { StatusError } from "../../core/error/error.ts";
import { callerText } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { parseName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimEntry, PresentedAttempt } from "../../core/ports/worker-calls.ts";
import { keptTraceContext, readTraceContext, traceContextText } from "../../core/trace-context.ts";

/**
 * A claimed operation as far as a worker without the store knows it, with the proof of its claim.
 */
export interface ClaimedOperation extends Operation {
  readonly claimed: PresentedAttempt;
  /** From the start of the claim. */
  readonly firstLeaseMs: number;
}

/** The time and duration of a claim. */
interface ClaimFacts {
  /** The estimated time on the server's clock. */
  readonly now: number;
  readonly worker: string;
  readonly firstLeaseMs: number;
}

/**
 * Makes the record of a claimed operation. Fields that only a store needs, such as times and
 * revisions, get arbitrary values.
 *
 * @throws {StatusError} UNKNOWN ANSWER_INVALID for an invalid name, or a name and token that are
 *   longer than any of a server
 */
export function claimedOperation(entry: ClaimEntry, facts: ClaimFacts): ClaimedOperation {
  const { attempt, cancelRequested, ...others } = entry;
  const name = parseName(attempt.name);
  if (name === undefined)
    throw answerInvalid(`The server gave work with the name ${JSON.stringify(attempt.name)}, which is none.`);
  if (attempt.name.length + attempt.token.length > LIMITS.presentedLengthMax)
    throw answerInvalid(
      `The server gave work whose name and token have more than ${LIMITS.presentedLengthMax} characters.`,
    );
  const { now, worker, firstLeaseMs } = facts;
  return {
    ...name,
    ...UNKNOWN,
    method: others.method,
    request: others.request,
    metadata: others.metadata,
    target: others.target,
    priority: others.priority,
    failedAttempts: others.failedAttempts,
    attemptsMax: others.attemptsMax,
    deadlineTime: others.deadlineTime,
    attempt: attempt.attempt,
    caller: callerIn(entry),
    traceContext: traceContextIn(entry),
    createTime: now,
    availableTime: now,
    startTime: now,
    attemptTime: now,
    leaseTime: now + firstLeaseMs,
    cancelTime: cancelRequested ? now : null,
    worker,
    claimed: attempt,
    firstLeaseMs,
  };
}

function answerInvalid(message: string): StatusError {
  return new StatusError("UNKNOWN", message, { reason: "ANSWER_INVALID" });
}

/** Fields that a worker does not need, or does not get. */
const UNKNOWN = {
  requestId: null,
  parallelKey: null,
  state: "RUNNING",
  revision: 1,
  response: null,
  error: null,
  exception: null,
  endTime: null,
  timeToLiveMs: 0,
  expireTime: null,
  blocked: false,
  lastWorker: null,
  attempts: [],
} as const satisfies Partial<Operation>;

function callerIn({ principal, tenant }: ClaimEntry): string | null {
  return principal === "" ? null : callerText({ principal, tenant: tenant === "" ? null : tenant });
}

function traceContextIn({ traceparent, tracestate }: ClaimEntry): string | null {
  const kept = keptTraceContext(traceparent);
  const read = readTraceContext(kept);
  return read === undefined ? null : traceContextText({ ...read, state: tracestate });
}
