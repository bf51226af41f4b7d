import { StatusError } from "../core/error/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type RetryPolicy, retryDelayMs, retryPolicy } from "../core/method/retry.ts";

/** The delays between calls to a store that does not answer: short at first, then some seconds. */
const OUTAGE_POLICY: RetryPolicy = retryPolicy({ initialDelay: "100ms", multiplier: 2, maxDelay: "5s" });

/** The delay after the `failures`-th consecutive failed call. */
export function outageDelayMs(failures: number, fraction: number): number {
  return retryDelayMs(OUTAGE_POLICY, failures, fraction);
}

/** Resolves after `delayMs`. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** Whether the same call may succeed later. */
export function isTransient(error: unknown): boolean {
  return error instanceof StatusError && (error.code === "UNAVAILABLE" || error.code === "ABORTED");
}
