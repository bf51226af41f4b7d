import { StatusError } from "../core/error/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type RetryPolicy, retryDelayMs, retryPolicy } from "../core/method/retry.ts";

/** The delays between calls to a store that does not answer: short at first, then some seconds. */
const OUTAGE_POLICY: RetryPolicy = retryPolicy({ initialDelay: "100ms", multiplier: 2, maxDelay: "5s" });

/** The delay after the `failures`-th consecutive failed call. */
export function outageDelayMs(failures: number, fraction: number): number {
  return retryDelayMs(OUTAGE_POLICY, failures, fraction);
}

/** Pauses between attempts of a write. All of them end when the worker gives up. */
export class Pauses {
  readonly #clock: Clock;
  readonly #ends = new Set<() => void>();
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `delayMs`, or at the stop. @returns whether the worker goes on */
  async pause(delayMs: number): Promise<boolean> {
    if (!this.#isStopped)
      await new Promise<void>((resolve) => {
        const timer = this.#clock.after(delayMs, () => end());
        const end = (): void => {
          timer.cancel();
          this.#ends.delete(end);
          resolve();
        };
        this.#ends.add(end);
      });
    return !this.#isStopped;
  }

  /** Adds a listener to the stop. @returns removes it */
  onStop(listener: () => void): () => void {
    this.#ends.add(listener);
    return () => void this.#ends.delete(listener);
  }

  /** Ends all pauses, now and later. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#ends) end();
  }
}

/** Whether the same call may succeed later. */
export function isTransient(error: unknown): boolean {
  return error instanceof StatusError && (error.code === "UNAVAILABLE" || error.code === "ABORTED");
}
