import type { Call } from "./authorizer.ts";

/** How a call ended. */
export interface CallEnd {
  /** A `StatusError`, or a bug. Undefined for a successful call. */
  readonly error: unknown;
  /** The answer of the use case. Undefined without an answer, and for a cached answer. */
  readonly result?: unknown;
  readonly durationMs: number;
}

/** Records calls. */
export interface Audit {
  /**
   * Called before a call is executed.
   *
   * @returns whether a successful call is recorded. Its answer then waits for the record, and no
   * cached answer is sent
   * @throws {StatusError} if the call needs a record and records cannot be written
   */
  admit(call: Call): boolean;
  /**
   * Records an ended call, if such calls are recorded. Resolves when the caller may be answered;
   * undefined means immediately. Rejects with a different error for the caller if the record cannot
   * be written.
   */
  record(call: Call, end: CallEnd): Promise<void> | undefined;
}
