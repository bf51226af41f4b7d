import { DOMAIN_DEFAULT, type Reason } from "../error/error.ts";
import { invariant } from "../invariant.ts";
import { type AttemptEnd, withAttempt } from "./attempts.ts";
import { type Failure, isDone, type Operation } from "./operation.ts";
import { ownFailure } from "./own-failure.ts";
import type { Payload } from "./payload.ts";
import { isUnconfirmed, shownWorker } from "./remote-worker.ts";

export { ownFailure, payloadLost } from "./own-failure.ts";

/**
 * All legal changes of an operation, as pure functions.
 *
 *     create ──▶ PENDING ──claim──▶ RUNNING ──complete──▶ SUCCEEDED
 *                   ▲  │               │ ├────fail───────▶ FAILED
 *                   │  │               │ └────(cancel)───▶ CANCELLED
 *                   │  └──cancel───────┼─────────────────▶ CANCELLED
 *                   │  └──deadline─────┼─────────────────▶ FAILED
 *                   └──fail, expire, release (another attempt follows)
 *
 * A pending operation may be *blocked*: it waits for others of its method and key, until `unblock`.
 * It then keeps its place until it is done. An attempt of a worker without the store is
 * *unconfirmed* until it is renewed (remote-worker.ts).
 *
 * Words: an *attempt* is one claim, numbered from 1. The number is the fence: any other number is
 * refused as `lost`. A *lease* is the right to the attempt until an instant on the store's clock.
 * `done` is final: every event on a finished operation is refused.
 *
 * Authority: the store's clock gives `now`; the store's compare-and-set on `revision` applies a
 * decision or rejects it. These functions only decide. A renewal changes the lease without a new
 * revision, so no other change may write the lease.
 */
export type Event =
  | { readonly type: "claim"; readonly now: number; readonly worker: string; readonly leaseTime: number }
  | { readonly type: "renew"; readonly now: number; readonly attempt: number; readonly leaseTime: number }
  | {
      readonly type: "report";
      readonly now: number;
      readonly attempt: number;
      readonly leaseTime: number;
      readonly metadata: Payload;
    }
  | { readonly type: "complete"; readonly now: number; readonly attempt: number; readonly response: Payload }
  | ({ readonly type: "fail"; readonly now: number; readonly attempt: number } & AttemptFailure)
  /** `delayMs`: the delay of the next attempt. @default none */
  | { readonly type: "release"; readonly now: number; readonly attempt: number; readonly delayMs?: number }
  | { readonly type: "expire"; readonly now: number; readonly retryTime: number }
  | { readonly type: "unblock" }
  | { readonly type: "cancel"; readonly now: number }
  | { readonly type: "deadline"; readonly now: number };

/** The failure of an attempt. */
export interface AttemptFailure {
  /** The error for callers, if this attempt is the last. */
  readonly error: Failure;
  /** Message and stack for operators; null if the handler threw a StatusError on purpose. */
  readonly exception: string | null;
  /** The earliest next attempt; null if the error ends the operation regardless of attempts. */
  readonly retryTime: number | null;
}

/**
 * The reason that an event changes nothing.
 *
 * `done`: the operation has ended. `lost`: the attempt is not the current one, or its lease has
 * passed. `early`: the time has not come (not available, blocked, lease not expired, deadline not
 * passed). `unchanged`: it already is in this state.
 */
export type Refusal = "done" | "lost" | "early" | "unchanged";

/** The changed operation, or the reason for no change. */
export type Decision =
  | { readonly next: Operation; readonly refused?: undefined }
  | { readonly next?: undefined; readonly refused: Refusal };

/** The fields that a start decides. */
export type NewOperation = Pick<
  Operation,
  | "id"
  | "parent"
  | "method"
  | "requestId"
  | "request"
  | "target"
  | "attemptsMax"
  | "createTime"
  | "timeToLiveMs"
  | "deadlineTime"
  | "availableTime"
  | "priority"
  | "parallelKey"
  | "caller"
  | "traceContext"
>;

/** A new operation, PENDING. The store decides whether it is blocked. */
export function create(start: NewOperation): Operation {
  return {
    ...start,
    state: "PENDING",
    revision: 1,
    attempt: 0,
    failedAttempts: 0,
    metadata: null,
    response: null,
    error: null,
    exception: null,
    startTime: null,
    attemptTime: null,
    endTime: null,
    expireTime: null,
    blocked: false,
    cancelTime: null,
    leaseTime: null,
    worker: null,
    lastWorker: null,
    attempts: NO_ATTEMPTS,
  };
}

const NO_ATTEMPTS: Operation["attempts"] = [];

/**
 * Decides how `event` changes `operation`.
 *
 * @param domain the service's name, for the ErrorInfo of new errors
 */
export function transition(operation: Operation, event: Event, domain: string = DOMAIN_DEFAULT): Decision {
  if (isDone(operation)) return { refused: "done" };
  switch (event.type) {
    case "claim":
      return claim(operation, event);
    case "unblock":
      return operation.blocked ? change(operation, { blocked: false }) : { refused: "unchanged" };
    case "cancel":
      return cancel(operation, event.now, domain);
    case "deadline":
      if (operation.deadlineTime === null || operation.deadlineTime > event.now) return { refused: "early" };
      return passDeadline(operation, event.now, domain);
    case "expire":
      return expire(operation, event, domain);
    default:
      return attemptEvent(operation, event, domain);
  }
}

function claim(operation: Operation, event: Extract<Event, { type: "claim" }>): Decision {
  if (operation.state !== "PENDING") return { refused: "lost" };
  if (operation.blocked || operation.availableTime > event.now) return { refused: "early" };
  if (operation.deadlineTime !== null && operation.deadlineTime <= event.now) return { refused: "early" };
  return change(operation, {
    state: "RUNNING",
    attempt: operation.attempt + 1,
    startTime: operation.startTime ?? event.now,
    attemptTime: event.now,
    leaseTime: event.leaseTime,
    worker: event.worker,
  });
}

function cancel(operation: Operation, now: number, domain: string): Decision {
  if (operation.state === "PENDING") return end({ ...operation, cancelTime: now }, now, cancelled(domain));
  return operation.cancelTime === null ? change(operation, { cancelTime: now }) : { refused: "unchanged" };
}

function expire(operation: Operation, event: Extract<Event, { type: "expire" }>, domain: string): Decision {
  if (operation.state !== "RUNNING") return { refused: "lost" };
  if (operation.leaseTime !== null && operation.leaseTime > event.now) return { refused: "early" };
  if (isUnconfirmed(operation)) return giveBack(operation, { now: event.now, how: "unconfirmed" }, domain);
  const failure: AttemptFailure = {
    error: ownFailure("WORKER_LOST", "The workers that ran the operation vanished.", { domain }),
    exception: `The lease of attempt ${operation.attempt} by ${shownWorker(operation.worker ?? "")} expired.`,
    retryTime: event.retryTime,
  };
  return endAttempt(operation, { ...failure, now: event.now, how: "worker-lost" }, domain);
}

function passDeadline(operation: Operation, now: number, domain: string): Decision {
  const error = ownFailure("DEADLINE_PASSED", "The operation did not end before its deadline.", { domain });
  // A pending operation has no attempt to end.
  if (operation.state !== "RUNNING") return end(operation, now, { error });
  return end({ ...operation, attempts: withAttempt(operation, { how: "deadline", now, error }) }, now, {
    error,
  });
}

/** The events that only the holder of the current attempt may cause. */
function attemptEvent(
  operation: Operation,
  event: Extract<Event, { type: "renew" | "report" | "complete" | "fail" | "release" }>,
  domain: string,
): Decision {
  if (operation.state !== "RUNNING" || operation.attempt !== event.attempt) return { refused: "lost" };
  switch (event.type) {
    case "renew":
    case "report":
      // An expired lease is not renewed, even if the operation was not claimed again: its holder
      // has stopped trusting it.
      if (operation.leaseTime === null || operation.leaseTime <= event.now) return { refused: "lost" };
      return extended(operation, event);
    case "complete":
      return end(operation, event.now, { response: event.response });
    case "fail":
      return endAttempt(operation, { ...event, how: howFailed(operation, event) }, domain);
    case "release":
      return giveBack(operation, { ...event, how: "released" }, domain);
  }
}

/** Leases never become shorter: a renewal may be late, and a longer lease may exist by then. */
function extended(operation: Operation, event: Extract<Event, { type: "renew" | "report" }>): Decision {
  const leaseTime = Math.max(operation.leaseTime ?? 0, event.leaseTime);
  if (event.type === "renew") return { next: { ...operation, leaseTime } };
  return change(operation, { metadata: event.metadata, leaseTime });
}

/** Ends an attempt that does not count. */
function giveBack(
  operation: Operation,
  { now, delayMs = 0, how }: { readonly now: number; readonly delayMs?: number; readonly how: AttemptEnd },
  domain: string,
): Decision {
  const isCancelled = operation.cancelTime !== null;
  const attempts = withAttempt(operation, { how: isCancelled ? "cancelled" : how, now });
  if (isCancelled) return end({ ...operation, attempts }, now, cancelled(domain));
  return again({ ...operation, attempts }, now + delayMs);
}

/** The kind of end of an attempt that its worker reports as failed. */
function howFailed(operation: Operation, failure: AttemptFailure): AttemptEnd {
  const { error } = failure;
  if (error.code === "CANCELLED" || stopsAsAsked(operation, failure)) return "cancelled";
  return error.details[0]?.["reason"] === ("DEADLINE_PASSED" satisfies Reason) ? "deadline" : "failed";
}

/**
 * Whether cancellation was requested and the handler stopped for it. A final error that the handler
 * threw on purpose says more, and is kept.
 */
function stopsAsAsked({ cancelTime }: Operation, { exception, retryTime }: AttemptFailure): boolean {
  return cancelTime !== null && !(exception === null && retryTime === null);
}

/** After an attempt that counts, the operation ends, or another attempt follows. */
function endAttempt(
  operation: Operation,
  failure: AttemptFailure & { readonly now: number; readonly how: AttemptEnd },
  domain: string,
): Decision {
  const { now } = failure;
  const failedAttempts = operation.failedAttempts + 1;
  const counted = {
    ...operation,
    failedAttempts,
    exception: failure.exception ?? operation.exception,
    attempts: withAttempt(operation, failure),
  };
  const last = failure.retryTime === null || failedAttempts >= operation.attemptsMax;
  if (stopsAsAsked(operation, failure)) return end(counted, now, cancelled(domain));
  if (last) return end(counted, now, { error: failure.error });
  return again(counted, failure.retryTime);
}

/** Allows another attempt. */
function again(operation: Operation, availableTime: number): Decision {
  const lastWorker = operation.worker;
  return change(operation, { state: "PENDING", leaseTime: null, worker: null, lastWorker, availableTime });
}

type Outcome = { readonly response: Payload } | { readonly error: Failure };

function end(operation: Operation, now: number, outcome: Outcome): Decision {
  const error = "error" in outcome ? outcome.error : null;
  return change(operation, {
    state: error === null ? "SUCCEEDED" : error.code === "CANCELLED" ? "CANCELLED" : "FAILED",
    response: "response" in outcome ? outcome.response : null,
    error,
    endTime: now,
    expireTime: now + operation.timeToLiveMs,
    leaseTime: null,
    worker: null,
    lastWorker: operation.worker ?? operation.lastWorker,
  });
}

function change(operation: Operation, changes: Partial<Operation>): Decision {
  const next = { ...operation, ...changes, revision: operation.revision + 1 };
  invariant(
    (next.leaseTime !== null) === (next.state === "RUNNING"),
    "a lease belongs to a running operation",
  );
  invariant((next.response !== null) === (next.state === "SUCCEEDED"), "a response belongs to a success");
  return { next };
}

function cancelled(domain: string): Outcome {
  return { error: ownFailure("OPERATION_CANCELLED", "The operation was cancelled.", { domain }) };
}
