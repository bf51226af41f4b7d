import type { ErrorCode } from "../error/code.ts";
import { StatusError, type StatusErrorOptions } from "../error/error.ts";

/** What is decided of an attempt along with its error. */
export interface AttemptErrorOptions extends StatusErrorOptions {
  /** Milliseconds that the next attempt is put off at least; null where none is to follow. */
  readonly retryDelayMs: number | null;
  /** What happened, for operators; null where the error says it all. */
  readonly exception: string | null;
}

/**
 * Thrown by a handler of the service's own that knows whether another attempt is worth it: the method's `retry.codes` are not
 * asked. As of every StatusError, callers are told of its code, message and details.
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
