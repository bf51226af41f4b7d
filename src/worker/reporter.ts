import type { Clock, Timer } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Payload } from "../core/operation/payload.ts";

/** What a reporter is made with. */
export interface ReporterParts {
  readonly clock: Clock;
  /** Writes a report. Rejects when the store does not answer. */
  readonly write: (metadata: Payload) => Promise<void>;
}

/**
 * Coalesces the reports of one attempt: the first goes out at once, later ones at most every
 * `LIMITS.reportIntervalMs`, one at a time, and only the newest that has not gone out is kept. A report that could
 * not be written is kept too, until a newer one takes its place.
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

  /** Takes the newest report. */
  push(metadata: Payload): void {
    this.#newest = metadata;
    this.#schedule();
  }

  /**
   * Writes nothing any more, and resolves when the report under way has been answered.
   *
   * @returns the newest report if it has not been written, for the attempt's last write to carry
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
      // Progress is worth another try, at the usual pace, and no more: the lease is kept alive by others, and the
      // attempt's last write carries what is left.
      this.#newest ??= metadata;
    }
  }
}
