import type { ErrorCode } from "./code.ts";
import type { ErrorDetail } from "./details.ts";
import { type Reason, REASONS } from "./reasons.ts";

export { type Reason, REASONS } from "./reasons.ts";

/**
 * The default `domain` of errors. A service with another name sets its own (contract section 4.1).
 */
export const DOMAIN_DEFAULT = "longrunning";

/** Options of {@link StatusError}. */
export interface StatusErrorOptions {
  /** Stable word for programs, `[A-Z][A-Z0-9_]+[A-Z0-9]`. Becomes an ErrorInfo unless `details` has one. */
  readonly reason?: string;
  /** ErrorInfo metadata: everything that varies in the message. Keys `[a-z][a-zA-Z0-9-_]+`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** More details, at most one of each type (AIP-193). */
  readonly details?: readonly ErrorDetail[];
  /** The underlying error, for the log only. Never shown to callers. */
  readonly cause?: unknown;
}

/**
 * The one class of errors for callers: a canonical code, a stable reason, an English sentence for developers, and details.
 *
 * A StatusError thrown by a handler becomes `Operation.error` unchanged. Any other thrown value
 * counts as a failure of the handler, and only operators see its text.
 *
 * @see AIP-193; contract section 2.3
 */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly details: readonly ErrorDetail[];

  constructor(code: ErrorCode, message: string, options: StatusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.metadata = options.metadata ?? {};
    this.details = options.details ?? [];
  }
}

/** An error of the service itself, from its table of reasons. */
export function serviceError(
  reason: Reason,
  message: string,
  options: Omit<StatusErrorOptions, "reason"> = {},
): StatusError {
  return new StatusError(REASONS[reason][0], message, { ...options, reason });
}
