import type { ErrorCode } from "../error/code.ts";
import { LIMITS } from "../limits.ts";
import { firstLine } from "../value/text.ts";
import type { Failure, Operation } from "./operation.ts";

/** What became of an attempt that did not succeed. */
export const ATTEMPT_ENDS = [
  "failed",
  "worker-lost",
  "released",
  "unconfirmed",
  "cancelled",
  "deadline",
] as const;

/**
 * What became of an attempt that did not succeed. `failed`: its handler threw. `worker-lost`: its lease passed. `released`: it
 * was given back, on shutdown or to be made later. `unconfirmed`: a worker without the store claimed it and was not heard of again;
 * the answer to its claim may have been lost. `cancelled`: it stopped since somebody asked for it. `deadline`: the operation's
 * deadline passed.
 */
export type AttemptEnd = (typeof ATTEMPT_ENDS)[number];

/** An attempt that ended without success, for operators; callers never see it. */
export interface EndedAttempt {
  readonly number: number;
  /** Null where that is not known. */
  readonly worker: string | null;
  /** Null where that was not recorded, as before an upgrade. */
  readonly beginTime: number | null;
  readonly endTime: number;
  readonly how: AttemptEnd;
  /** The code of the error; null where there was none. */
  readonly code: ErrorCode | null;
  /** First line of the exception, otherwise the error's message; cut. Empty where there was no error. */
  readonly message: string;
}

/** An attempt as it is shown: ended or not, with success or without. */
export interface ShownAttempt extends Omit<EndedAttempt, "how" | "endTime"> {
  readonly how: AttemptEnd | "running" | "succeeded";
  /** Null while it runs. */
  readonly endTime: number | null;
}

/** How the current attempt of an operation ended. */
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

/** The newest attempts, oldest first, with the one that runs or has succeeded, which only the record itself tells of. */
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
 * The number from which on attempts are known: 1 where none is missing. Those before it were made before an upgrade that brought
 * the record of them, or are more than are kept.
 */
export function attemptsKnownFrom(operation: Operation): number {
  return attemptsOf(operation)[0]?.number ?? operation.attempt + 1;
}
