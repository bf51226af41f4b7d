import type { Clock } from "../core/ports/clock.ts";
import { StatusError } from "../core/error/error.ts";
import type { Random } from "../core/ports/random.ts";
import { retryDelayMs, type RetryPolicy } from "../core/method/retry.ts";
import { pause } from "./pause.ts";

/** The parts for retries. */
export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: RetryPolicy;
  /**
   * No attempt begins later than this after the first one, even if attempts are left. @default only
   * the policy counts
   */
  readonly giveUpMs?: number | undefined;
}

/** The longest pause that a server may request with `Retry-After`. */
const RETRY_AFTER_MS_MAX = 60_000;

/**
 * Makes an idempotent call, and retries it after errors with a code of the policy: a limited number
 * of times, with exponential backoff and jitter.
 *
 * @param call called with the number of the attempt, from 1
 * @see AIP-194: only UNAVAILABLE may be retried
 */
export async function repeat<T>(
  { clock, random, policy, giveUpMs = Number.POSITIVE_INFINITY }: Patience,
  call: (attempt: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const startedAt = clock.monotonic();
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (!(error instanceof StatusError) || !policy.codes.has(error.code) || attempt >= policy.attempts)
        throw error;
      if (clock.monotonic() - startedAt >= giveUpMs) throw error;
      const askedMs = Math.min(retryAfterMs(error), RETRY_AFTER_MS_MAX);
      await pause(clock, Math.max(askedMs, retryDelayMs(policy, attempt, random.fraction())), signal);
    }
  }
}

const RETRY_AFTER = new WeakMap<StatusError, number>();

/** Attaches the pause that the server requested to an error. */
export function withRetryAfter(error: StatusError, seconds: number | undefined): StatusError {
  if (seconds !== undefined) RETRY_AFTER.set(error, seconds * 1_000);
  return error;
}

function retryAfterMs(error: StatusError): number {
  return RETRY_AFTER.get(error) ?? 0;
}
