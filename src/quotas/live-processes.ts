import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import type { StatisticsStore } from "../core/ports/statistics-store.ts";
import type { Store } from "../core/ports/store.ts";

/** The parts for counting live processes. */
export interface LiveProcessesParts {
  readonly store: Pick<Store, "time"> & { readonly statistics: Pick<StatisticsStore, "processes"> };
  readonly clock: Pick<Clock, "after">;
}

/**
 * Counts the processes that answer calls, from their reports. If the reports cannot be read, it
 * keeps the last number.
 */
export class LiveProcesses {
  readonly #parts: LiveProcessesParts;
  #timer: Timer | undefined;
  #count = 1;

  constructor(parts: LiveProcessesParts) {
    this.#parts = parts;
  }

  /** At least one: this process. */
  get count(): number {
    return this.#count;
  }

  start(): void {
    this.#timer = this.#parts.clock.after(0, () => void this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { store, clock } = this.#parts;
    try {
      const since = store.time() - LIMITS.processGoneMs;
      const rows = await store.statistics.processes(since, LIMITS.adminWorkersMax);
      this.#count = Math.max(1, rows.filter(({ role }) => role !== "worker" && role !== "remote").length);
    } catch {
      // Callers get the store's error anyway.
    }
    if (this.#timer !== undefined) this.#timer = clock.after(LIMITS.reportMs, () => void this.#look());
  }
}
