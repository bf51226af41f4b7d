import type { ErrorCode } from "./code.ts";
import { type Duration, durationMs } from "./duration.ts";

/** How a method's failed attempts are repeated, as its developer writes it. */
export interface RetryOptions {
  /** Attempts in all, the first included. @default 3 */
  readonly attempts?: number;
  /** Delay after the first failed attempt. @default "1s" */
  readonly initialDelay?: Duration;
  /** What each further delay is multiplied by. @default 2 */
  readonly multiplier?: number;
  /** No delay is longer. @default "60s" */
  readonly maxDelay?: Duration;
  /**
   * Codes of thrown {@link StatusError}s that are worth another attempt. Any other thrown StatusError ends the operation.
   * @default ["UNAVAILABLE"], the only code that AIP-194 calls safe to retry
   */
  readonly codes?: readonly ErrorCode[];
}

/** {@link RetryOptions} with everything filled in and checked. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly initialDelayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  readonly codes: ReadonlySet<ErrorCode>;
}

/** Checks and completes what a developer wrote. @throws {TypeError} naming the option, what it may be and what it was */
export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
  const attempts = options.attempts ?? 3;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 1_000) {
    throw new TypeError(`retry.attempts: expected a whole number from 1 to 1000, got ${String(attempts)}`);
  }
  const multiplier = options.multiplier ?? 2;
  if (!(multiplier >= 1 && multiplier <= 100)) {
    throw new TypeError(`retry.multiplier: expected a number from 1 to 100, got ${String(multiplier)}`);
  }
  return {
    attempts,
    multiplier,
    initialDelayMs: durationMs("retry.initialDelay", options.initialDelay ?? "1s"),
    maxDelayMs: durationMs("retry.maxDelay", options.maxDelay ?? "60s"),
    codes: new Set(options.codes ?? ["UNAVAILABLE"]),
  };
}

/** The policy where the method is not known, as in a server that only sweeps. */
export const RETRY_POLICY_DEFAULT: RetryPolicy = retryPolicy();

/**
 * How long to wait after the `failedAttempts`-th failed attempt: exponential, with half of it left to chance so that
 * operations that failed together do not come back together.
 *
 * @param failedAttempts counted with the one that just failed, from 1
 * @param fraction a random number from 0 to 1
 * @returns whole milliseconds, between half and the whole of min(maxDelay, initialDelay × multiplier^(failedAttempts − 1))
 */
export function retryDelayMs(policy: RetryPolicy, failedAttempts: number, fraction: number): number {
  const full = Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.multiplier ** (failedAttempts - 1));
  return Math.round(full / 2 + (full / 2) * fraction);
}
