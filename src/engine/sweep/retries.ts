import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import { Recent } from "../../core/value/recent.ts";

/**
 * Operations that the sweep failed to end or to remove. It retries each after a pause that doubles
 * with every failure. It reports the first failure, and after that at most once a minute, with the
 * number of failures.
 */
export class Retries {
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #verb: string;
  /** By id, in the order of the last failure. */
  readonly #failed = new Recent<string, { readonly failures: number; readonly at: number }>(
    LIMITS.sweepRetriesMax,
  );
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Unreported failures. */
  #untold = 0;

  /** @param verb the sweep's action on an operation, for events */
  constructor(verb: string, parts: { readonly clock: Clock; readonly tell: Tell }) {
    this.#verb = verb;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
  }

  /** The number of remembered operations. */
  get count(): number {
    return this.#failed.size;
  }

  /** Whether to try the operation now. */
  isDue(id: string): boolean {
    return (this.#failed.get(id)?.at ?? Number.NEGATIVE_INFINITY) <= this.#clock.monotonic();
  }

  /** The operations that must not be tried now. */
  notDue(): readonly string[] {
    return [...this.#failed].map(({ key }) => key).filter((id) => !this.isDue(id));
  }

  /**
   * Remembers a failure. If there are too many, it forgets the operation whose last failure is the
   * oldest.
   */
  fail(id: string, error: unknown): void {
    const now = this.#clock.monotonic();
    const failures = (this.#failed.get(id)?.failures ?? 0) + 1;
    const pauseMs = Math.min(LIMITS.sweepRetryMsMax, LIMITS.sweepRetryMsMin * 2 ** (failures - 1));
    this.#failed.set(id, { failures, at: now + pauseMs });
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

  /** Harmless for operations that never failed. */
  succeed(id: string): void {
    this.#failed.delete(id);
  }
}
