import { StatusError } from "../core/error/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type RetryPolicy, retryDelayMs, retryPolicy } from "../core/method/retry.ts";

/** How calls to a store that does not answer are repeated: soon at first, then every few seconds. */
const OUTAGE_POLICY: RetryPolicy = retryPolicy({ initialDelay: "100ms", multiplier: 2, maxDelay: "5s" });

/** How long to wait after the `failures`-th failed call in a row. */
export function outageDelayMs(failures: number, fraction: number): number {
  return retryDelayMs(OUTAGE_POLICY, failures, fraction);
}

/** Resolves `delayMs` from now. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** Whether the store may well answer the same call the next time. */
export function isTransient(error: unknown): boolean {
  return error instanceof StatusError && (error.code === "UNAVAILABLE" || error.code === "ABORTED");
}
