import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import type { StatisticsStore } from "../core/ports/statistics-store.ts";
import type { Store } from "../core/ports/store.ts";

/** What is asked who lives. */
export interface LiveProcessesParts {
  readonly store: Pick<Store, "time"> & { readonly statistics: Pick<StatisticsStore, "processes"> };
  readonly clock: Pick<Clock, "after">;
}

/** Knows how many processes answer calls, from what they report. Where they cannot be read, it goes by what it knew. */
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
      this.#count = Math.max(1, rows.filter(({ role }) => role !== "worker").length);
    } catch {
      // Whoever calls is told that the store is away.
    }
    if (this.#timer !== undefined) this.#timer = clock.after(LIMITS.reportMs, () => void this.#look());
  }
}
