import type { Call } from "./authorizer.ts";

/** How a call ended. */
export interface CallEnd {
  /** A `StatusError`, or a bug. Undefined where the call was answered. */
  readonly error: unknown;
  /** The answer of the use case. Undefined where there is none, and for a kept answer. */
  readonly result?: unknown;
  readonly durationMs: number;
}

/** Keeps a record of calls. */
export interface Audit {
  /**
   * Is asked before a call is carried out.
   *
   * @returns whether a record is kept of it if it succeeds: then its answer waits for that, and no kept answer is sent
   * @throws {StatusError} for a call that must not go on without a record, while records cannot be kept
   */
  admit(call: Call): boolean;
  /**
   * Keeps a record of a call that ended, if it is one of those. Resolves when the caller may be answered; undefined: at once.
   * Rejects where the caller must not have the answer, with what it gets instead.
   */
  record(call: Call, end: CallEnd): Promise<void> | undefined;
}
