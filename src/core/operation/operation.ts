import type { ErrorCode } from "../error/code.ts";
import type { ErrorDetail } from "../error/details.ts";
import type { EndedAttempt } from "./attempts.ts";
import type { Payload } from "./payload.ts";

/**
 * The record of an operation.
 *
 * Times are whole milliseconds since the Unix epoch on the store's clock.
 */

/** The states. The last three mean `done`. @see AIP-216 */
export const STATES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"] as const;

/** A state of an operation. */
export type State = (typeof STATES)[number];

/**
 * The reason that an operation ended without a response: `google.rpc.Status`, with the code by name
 * and the details as Any-JSON.
 */
export interface Failure {
  readonly code: ErrorCode;
  /** English, for developers. */
  readonly message: string;
  readonly details: readonly ErrorDetail[];
}

/** One long-running operation. */
export interface Operation {
  /** UUIDv7; the last segment of the name. */
  readonly id: string;
  /** The collection of the operation, such as `projects/p/locations/l`; empty for none. */
  readonly parent: string;
  /** The name of the method that started it. */
  readonly method: string;
  /** Identifies repeated starts, within a parent and method; null if the caller gave none. */
  readonly requestId: string | null;
  /** The request as canonical JSON text. */
  readonly request: string;
  /**
   * The resource that the operation works on, for `metadata.target`; empty if the method names
   * none.
   */
  readonly target: string;
  /** A whole number from 0 to 9. Available operations with a higher priority are claimed first. */
  readonly priority: number;
  /** The key of the method's limit of parallel operations; null for a method without a limit. */
  readonly parallelKey: string | null;
  /**
   * The caller who started it, in the form of `callerText`; null if unknown. Not shown to callers.
   */
  readonly caller: string | null;
  /** The trace that the start belonged to, as `traceparent` and `tracestate`; null for none. Not shown to callers. */
  readonly traceContext: string | null;

  readonly state: State;
  /**
   * The number of writes that callers can see, from 1. Every write presents the revision that it is
   * based on.
   */
  readonly revision: number;
  /**
   * The number of claims, from 0. It is the fence: the store refuses a worker's write with any
   * other number.
   */
  readonly attempt: number;
  /**
   * Attempts that failed or whose worker vanished. An attempt released on shutdown does not count.
   */
  readonly failedAttempts: number;
  /** The number of failed attempts that ends the operation. */
  readonly attemptsMax: number;

  /** The last report of the handler; null before the first report. */
  readonly metadata: Payload | null;
  /** Set exactly when the state is SUCCEEDED. */
  readonly response: Payload | null;
  /** Set exactly when the state is FAILED or CANCELLED. */
  readonly error: Failure | null;
  /** Message and stack of the last unexpected exception, for operators; callers never see it. */
  readonly exception: string | null;

  readonly createTime: number;
  /** The time of the first claim. */
  readonly startTime: number | null;
  /**
   * The start of the current or last attempt; null before the first attempt, or if an older version
   * did not record it.
   */
  readonly attemptTime: number | null;
  /** Set exactly when done. */
  readonly endTime: number | null;
  /** How long the finished record is kept. */
  readonly timeToLiveMs: number;
  /** The earliest removal of the finished record: `endTime + timeToLiveMs`. */
  readonly expireTime: number | null;
  /** The time at which the unfinished operation fails; null for no deadline. */
  readonly deadlineTime: number | null;
  /** The earliest time of a claim. */
  readonly availableTime: number;
  /**
   * Whether it waits for other operations of its method and key, and cannot be claimed. Stays true
   * if the operation ends while it waits.
   */
  readonly blocked: boolean;
  /** The time of the first request for cancellation. */
  readonly cancelTime: number | null;
  /** The end of the worker's lease; set exactly when RUNNING. */
  readonly leaseTime: number | null;
  /** The worker that runs the attempt; set exactly when RUNNING. */
  readonly worker: string | null;
  /** The worker of the last ended attempt; null before that. */
  readonly lastWorker: string | null;
  /** The newest attempts that ended without success, oldest first. Not shown to callers. */
  readonly attempts: readonly EndedAttempt[];
}

/**
 * The scheduled time of a delayed operation; null without a delay. Also null after a retry was
 * scheduled, because it overwrites the time in the record.
 */
export function scheduleTimeOf(operation: Operation): number | null {
  const { attempt, state, createTime, availableTime } = operation;
  const untouched = attempt === 0 || (attempt === 1 && state !== "PENDING");
  return untouched && availableTime > createTime ? availableTime : null;
}

/** Whether the operation is in a final state. */
export function isDone(operation: Operation): boolean {
  return operation.endTime !== null;
}
