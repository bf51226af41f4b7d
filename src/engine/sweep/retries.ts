import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";

/**
 * Operations that the sweep failed to end or to remove, and when it tries each of them again: after a pause that doubles with every
 * failure. It tells of the first failure, and from then on once a minute how many there were.
 */
export class Retries {
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #verb: string;
  /** By id; those that failed last come last. */
  readonly #failed = new Map<string, { readonly failures: number; readonly at: number }>();
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Failures that were not told of. */
  #untold = 0;

  /** @param verb what the sweep does to an operation, for its events */
  constructor(verb: string, parts: { readonly clock: Clock; readonly tell: Tell }) {
    this.#verb = verb;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
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
    if (now < this.#toldAt + LIMITS.sweepLogIntervalMs) return;
    this.#tell["sweep.passed-over"]?.({
      verb: this.#verb,
      id,
      failures,
      retryMs: pauseMs,
      count: this.#untold,
      error,
    });
    this.#toldAt = now;
    this.#untold = 0;
  }

  /** Harmless for one that never failed. */
  succeed(id: string): void {
    this.#failed.delete(id);
  }
}
