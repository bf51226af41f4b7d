import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { LiveCount } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";

/** How many there are, and when that was so. */
export interface CountedNow {
  readonly counts: readonly LiveCount[];
  /** On the store's clock. */
  readonly asOf: number;
  /** Whether the store did not answer in time, and this is what it said before. */
  readonly stale: boolean;
}

/** Counts what is unfinished for all who ask: once in a while, and only where somebody asks. */
export class LiveCounts {
  readonly #store: Pick<Store, "time" | "statistics">;
  readonly #clock: Clock;
  #last: CountedNow | undefined;
  /** Monotonic. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #underWay: Promise<CountedNow> | undefined;

  constructor(parts: { readonly store: Pick<Store, "time" | "statistics">; readonly clock: Clock }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
  }

  /** @throws {StatusError} UNAVAILABLE where the store does not answer and has never answered */
  async now(): Promise<CountedNow> {
    const isFresh = this.#clock.monotonic() - this.#askedAt < LIMITS.countsIntervalMs;
    if (this.#last !== undefined && isFresh && this.#underWay === undefined) return this.#last;
    this.#underWay ??= this.#ask().finally(() => (this.#underWay = undefined));
    return await this.#underWay;
  }

  async #ask(): Promise<CountedNow> {
    this.#askedAt = this.#clock.monotonic();
    const asOf = this.#store.time();
    try {
      this.#last = { counts: await this.#store.statistics.counts(), asOf, stale: false };
    } catch (error) {
      const isAway = error instanceof StatusError && error.code === "UNAVAILABLE";
      if (this.#last === undefined || !isAway) throw error;
      this.#last = { ...this.#last, stale: true };
    }
    return this.#last;
  }
}
