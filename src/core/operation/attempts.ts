import type { ErrorCode } from "../error/code.ts";
import { LIMITS } from "../limits.ts";
import { firstLine } from "../value/text.ts";
import type { Failure, Operation } from "./operation.ts";

/** The ends of attempts without success. */
export const ATTEMPT_ENDS = [
  "failed",
  "worker-lost",
  "released",
  "unconfirmed",
  "cancelled",
  "deadline",
] as const;

/**
 * The end of an attempt without success. `failed`: its handler threw. `worker-lost`: its lease
 * passed. `released`: the worker released it, on shutdown or to retry later. `unconfirmed`: a
 * worker without the store claimed it and never renewed it; the answer to its claim may have been
 * lost. `cancelled`: it stopped at a caller's request. `deadline`: the operation's deadline passed.
 */
export type AttemptEnd = (typeof ATTEMPT_ENDS)[number];

/** An attempt that ended without success, for operators; callers never see it. */
export interface EndedAttempt {
  readonly number: number;
  /** Null if unknown. */
  readonly worker: string | null;
  /** Null if not recorded, such as before an upgrade. */
  readonly beginTime: number | null;
  readonly endTime: number;
  readonly how: AttemptEnd;
  /** The code of the error; null without one. */
  readonly code: ErrorCode | null;
  /**
   * The first line of the exception, or else the error's message; shortened. Empty without an
   * error.
   */
  readonly message: string;
}

/** An attempt in the operators' view, running or ended, successful or not. */
export interface ShownAttempt extends Omit<EndedAttempt, "how" | "endTime"> {
  readonly how: AttemptEnd | "running" | "succeeded";
  /** Null while the attempt runs. */
  readonly endTime: number | null;
}

/** The end of an operation's current attempt. */
export interface AttemptEnding {
  readonly how: AttemptEnd;
  readonly now: number;
  readonly error?: Failure | undefined;
  readonly exception?: string | null | undefined;
}

/** The list of an operation with its current attempt at the end. It holds the newest `LIMITS.attemptsKept`. */
export function withAttempt(operation: Operation, ending: AttemptEnding): readonly EndedAttempt[] {
  const { attempts, attempt, attemptTime, worker } = operation;
  const { how, now, error, exception } = ending;
  const ended: EndedAttempt = {
    number: attempt,
    worker,
    beginTime: attemptTime,
    endTime: now,
    how,
    code: error?.code ?? null,
    message: firstLine(exception ?? error?.message ?? "", LIMITS.attemptMessageLengthMax),
  };
  return [...attempts, ended].slice(-LIMITS.attemptsKept);
}

/**
 * The newest attempts, oldest first. The running or successful attempt comes from the record
 * itself.
 */
export function attemptsOf(operation: Operation): readonly ShownAttempt[] {
  const { attempts, attempt, attemptTime, state, worker, lastWorker, endTime } = operation;
  if (state !== "RUNNING" && state !== "SUCCEEDED") return attempts;
  const isRunning = state === "RUNNING";
  const current: ShownAttempt = {
    number: attempt,
    worker: isRunning ? worker : lastWorker,
    beginTime: attemptTime,
    endTime,
    how: isRunning ? "running" : "succeeded",
    code: null,
    message: "",
  };
  return [...attempts, current];
}

/**
 * The number of the oldest known attempt; 1 if none is missing. Earlier attempts ran before an
 * upgrade that added their record, or exceed the number of stored attempts.
 */
export function attemptsKnownFrom(operation: Operation): number {
  return attemptsOf(operation)[0]?.number ?? operation.attempt + 1;
}
