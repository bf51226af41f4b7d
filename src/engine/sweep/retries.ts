import type { Clock } from "../../core/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";

/**
 * Operations that the sweep failed to end, and when it tries each of them again: after a pause that doubles with every
 * failure. The log tells of the first failure, and from then on once a minute how many there were.
 */
export class Retries {
  readonly #clock: Clock;
  readonly #log: Log;
  /** By id; those that failed last come last. */
  readonly #failed = new Map<string, { readonly failures: number; readonly at: number }>();
  #loggedAt = Number.NEGATIVE_INFINITY;
  /** Failures that the log has not told of. */
  #untold = 0;

  constructor(parts: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Operations that are remembered. */
  get count(): number {
    return this.#failed.size;
  }

  /** Whether to try the operation now. */
  isDue(id: string): boolean {
    return (this.#failed.get(id)?.at ?? Number.NEGATIVE_INFINITY) <= this.#clock.monotonic();
  }

  /** Takes note of a failure. Where there are too many, the one that failed longest ago is forgotten. */
  fail(id: string, error: unknown): void {
    const now = this.#clock.monotonic();
    const failures = (this.#failed.get(id)?.failures ?? 0) + 1;
    const pauseMs = Math.min(LIMITS.sweepRetryMsMax, LIMITS.sweepRetryMsMin * 2 ** (failures - 1));
    this.#failed.delete(id);
    this.#failed.set(id, { failures, at: now + pauseMs });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > LIMITS.sweepRetriesMax && oldest !== undefined) this.#failed.delete(oldest);
    this.#untold++;
    if (now < this.#loggedAt + LIMITS.sweepLogIntervalMs) return;
    this.#log.error("the sweep cannot end an operation; it goes on with the others and tries again later", {
      id,
      failures,
      retryMs: pauseMs,
      count: this.#untold,
      error,
    });
    this.#loggedAt = now;
    this.#untold = 0;
  }

  /** Harmless for one that never failed. */
  succeed(id: string): void {
    this.#failed.delete(id);
  }
}
