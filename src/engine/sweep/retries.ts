import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Log } from "../../core/ports/log.ts";

/**
 * Operations that the sweep failed to end or to remove, and when it tries each of them again: after a pause that doubles with every
 * failure. The log tells of the first failure, and from then on once a minute how many there were.
 */
export class Retries {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #message: string;
  /** By id; those that failed last come last. */
  readonly #failed = new Map<string, { readonly failures: number; readonly at: number }>();
  #loggedAt = Number.NEGATIVE_INFINITY;
  /** Failures that the log has not told of. */
  #untold = 0;

  /** @param what an operation is to be done to, for the log */
  constructor(what: string, parts: { readonly clock: Clock; readonly log: Log }) {
    this.#message = `the sweep cannot ${what} an operation; it goes on with the others and tries again later`;
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

  /** The operations that are not to be tried now. */
  notDue(): readonly string[] {
    return [...this.#failed.keys()].filter((id) => !this.isDue(id));
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
    this.#log.error(this.#message, {
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
