import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { LiveCount } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { SharedRead } from "../../core/shared-read.ts";

/** How many there are, and when that was so. */
export interface CountedNow {
  readonly counts: readonly LiveCount[];
  /** On the store's clock. */
  readonly asOf: number;
  /** Of the store that did not answer in time, where this is what it said before. */
  readonly failure: StatusError | undefined;
}

/** Counts what is unfinished for all who ask: once in a while, and only where somebody asks. */
export class LiveCounts {
  readonly #counted: SharedRead<Omit<CountedNow, "failure">>;

  constructor({
    store,
    clock,
  }: { readonly store: Pick<Store, "time" | "statistics">; readonly clock: Clock }) {
    const count = async () => {
      const asOf = store.time();
      return { counts: await store.statistics.counts(), asOf };
    };
    const times = { freshMs: LIMITS.countsIntervalMs, staleMs: Number.POSITIVE_INFINITY };
    this.#counted = new SharedRead(count, clock, times);
  }

  /** @throws {StatusError} UNAVAILABLE where the store does not answer and has never answered */
  async now(): Promise<CountedNow> {
    const { value, failure } = await this.#counted.get();
    return { ...value, failure };
  }
}
