import type { ErrorCode } from "../error/code.ts";
import { StatusError, type StatusErrorOptions } from "../error/error.ts";

/** Decisions about an attempt, together with its error. */
export interface AttemptErrorOptions extends StatusErrorOptions {
  /** The minimum delay of the next attempt in milliseconds; null for no further attempt. */
  readonly retryDelayMs: number | null;
  /** The cause for operators; null if the error contains everything. */
  readonly exception: string | null;
}

/**
 * Thrown by a built-in handler that itself decides about another attempt; the method's
 * `retry.codes` do not apply. As with every StatusError, callers see its code, message and details.
 */
export class AttemptError extends StatusError {
  readonly retryDelayMs: number | null;
  readonly exception: string | null;

  constructor(code: ErrorCode, message: string, options: AttemptErrorOptions) {
    super(code, message, options);
    this.retryDelayMs = options.retryDelayMs;
    this.exception = options.exception;
  }
}
