import type { ErrorCode } from "../error/code.ts";
import type { ErrorDetail } from "../error/details.ts";
import type { EndedAttempt } from "./attempts.ts";
import type { Payload } from "./payload.ts";

/**
 * What an operation is: the record that is kept.
 *
 * Times are whole milliseconds since the Unix epoch on the store's clock.
 */

/** The states, for ever. `done` is the last three. @see AIP-216 */
export const STATES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"] as const;

/** A state of an operation. */
export type State = (typeof STATES)[number];

/** Why an operation ended without a response: `google.rpc.Status`, with the code by name and the details as Any-JSON. */
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
  /** The collection it lives under, such as `projects/p/locations/l`; empty for none. */
  readonly parent: string;
  /** The name of the method that started it. */
  readonly method: string;
  /** What makes a repeated start the same start, scoped to parent and method; null where the caller gave none. */
  readonly requestId: string | null;
  /** The request as canonical JSON text, as it came in. */
  readonly request: string;
  /** The resource the operation works on, for `metadata.target`; empty where the method names none. */
  readonly target: string;
  /** Whole, 0 to 9. Of what is available the highest is claimed first. */
  readonly priority: number;
  /** Operations of one method and key are limited in how many go on in parallel; null where nothing limits it. */
  readonly parallelKey: string | null;
  /** Who started it, as `callerText` writes it; null where that is not known. Not shown to callers. */
  readonly caller: string | null;
  /** The trace that the start belonged to, as `traceparent` and `tracestate`; null for none. Not shown to callers. */
  readonly traceContext: string | null;

  readonly state: State;
  /** Counts the writes that a caller can see, from 1. Every write presents the revision it was decided on. */
  readonly revision: number;
  /** Counts claims, from 0. It is the fence: a worker's writes present it and are refused for any other. */
  readonly attempt: number;
  /** Attempts that failed or whose worker vanished. An attempt given back on shutdown does not count. */
  readonly failedAttempts: number;
  /** How many failed attempts end the operation. */
  readonly attemptsMax: number;

  /** What the handler reported last; null before the first report. */
  readonly metadata: Payload | null;
  /** Set exactly when the state is SUCCEEDED. */
  readonly response: Payload | null;
  /** Set exactly when the state is FAILED or CANCELLED. */
  readonly error: Failure | null;
  /** Message and stack of the last unexpected exception, for operators; callers never see it. */
  readonly exception: string | null;

  readonly createTime: number;
  /** When it was first claimed. */
  readonly startTime: number | null;
  /** When the current or last attempt began; null before the first, and of a later one that began before this was recorded. */
  readonly attemptTime: number | null;
  /** Set exactly when done. */
  readonly endTime: number | null;
  /** How long the record is kept once done. */
  readonly timeToLiveMs: number;
  /** When the finished record may be removed: `endTime + timeToLiveMs`. */
  readonly expireTime: number | null;
  /** When the operation fails if it has not ended by then; null for never. */
  readonly deadlineTime: number | null;
  /** Not claimed before this. */
  readonly availableTime: number;
  /** It waits for others of its method and key, and is not claimed. It stays true where it ended while it waited. */
  readonly blocked: boolean;
  /** When somebody first asked for cancellation. */
  readonly cancelTime: number | null;
  /** Until when the worker has the right to the attempt; set exactly when RUNNING. */
  readonly leaseTime: number | null;
  /** Who runs the attempt; set exactly when RUNNING. */
  readonly worker: string | null;
  /** Who ran the last attempt that has ended; null before that. */
  readonly lastWorker: string | null;
  /** The newest attempts that ended without success, oldest first. Not shown to callers. */
  readonly attempts: readonly EndedAttempt[];
}

/**
 * When a delayed operation was to begin at the earliest; null for one that was started without a delay, and once another
 * attempt has been put off, which is all that the record tells then.
 */
export function scheduleTimeOf(operation: Operation): number | null {
  const { attempt, state, createTime, availableTime } = operation;
  const untouched = attempt === 0 || (attempt === 1 && state !== "PENDING");
  return untouched && availableTime > createTime ? availableTime : null;
}

/** Whether nothing about the operation can change any more. */
export function isDone(operation: Operation): boolean {
  return operation.endTime !== null;
}
