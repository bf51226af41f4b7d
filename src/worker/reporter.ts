import type { Clock, Timer } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Payload } from "../core/operation/payload.ts";

/** The parts of a reporter. */
export interface ReporterParts {
  readonly clock: Clock;
  /** Writes a report. Rejects if the store does not answer. */
  readonly write: (metadata: Payload) => Promise<void>;
}

/**
 * Coalesces the reports of one attempt: the first one is sent at once, later ones at most every
 * `LIMITS.reportIntervalMs`, one at a time, and only the newest unsent one is kept. A report that
 * could not be written is also kept, until a newer one replaces it.
 */
export class Reporter {
  readonly #parts: ReporterParts;
  #newest: Payload | null = null;
  #underWay: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** Monotonic. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Replaces the newest report. */
  push(metadata: Payload): void {
    this.#newest = metadata;
    this.#schedule();
  }

  /**
   * Writes no more, and resolves when the report in progress has been answered.
   *
   * @returns the newest report if it was not written, for the attempt's last write
   */
  async close(): Promise<Payload | null> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#underWay;
    return this.#newest;
  }

  #schedule(): void {
    if (this.#closed || this.#underWay !== undefined || this.#timer !== undefined) return;
    const { clock } = this.#parts;
    const waitMs = this.#nextAt - clock.monotonic();
    if (waitMs <= 0) {
      this.#send();
      return;
    }
    this.#timer = clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#schedule();
    });
  }

  #send(): void {
    const metadata = this.#newest;
    if (metadata === null) return;
    this.#newest = null;
    this.#nextAt = this.#parts.clock.monotonic() + LIMITS.reportIntervalMs;
    this.#underWay = this.#write(metadata).finally(() => {
      this.#underWay = undefined;
      if (this.#newest !== null) this.#schedule();
    });
  }

  async #write(metadata: Payload): Promise<void> {
    try {
      await this.#parts.write(metadata);
    } catch {
      // The report is retried only at the usual pace: the keeper renews the lease, and the
      // attempt's last write includes the report.
      this.#newest ??= metadata;
    }
  }
}
