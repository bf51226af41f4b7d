import type { Clock } from "../core/ports/clock.ts";
import { StatusError } from "../core/error/error.ts";
import type { Random } from "../core/ports/random.ts";
import { retryDelayMs, type RetryPolicy } from "../core/method/retry.ts";
import { pause } from "./pause.ts";

/** What repetition needs from outside. */
export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: RetryPolicy;
  /** No attempt begins later than this after the first, however many are left. @default only the policy counts */
  readonly giveUpMs?: number | undefined;
}

/** A server may ask for more patience with `Retry-After`, up to this. */
const RETRY_AFTER_MS_MAX = 60_000;

/**
 * Makes a call that may be made twice, again when it fails with a code of the policy: bounded, exponential, with jitter.
 *
 * @param call is told the number of the attempt, from 1
 * @see AIP-194: only UNAVAILABLE is safe to repeat
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

/** Notes on an error how long its server asked to be left alone. */
export function withRetryAfter(error: StatusError, seconds: number | undefined): StatusError {
  if (seconds !== undefined) RETRY_AFTER.set(error, seconds * 1_000);
  return error;
}

function retryAfterMs(error: StatusError): number {
  return RETRY_AFTER.get(error) ?? 0;
}
