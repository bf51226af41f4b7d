import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { LiveCount } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { SharedRead } from "../../core/shared-read.ts";

/** The counts of unfinished operations, with the time of the count. */
export interface CountedNow {
  readonly counts: readonly LiveCount[];
  /** On the store's clock. */
  readonly asOf: number;
  /** The store's error, if it did not answer in time and these are its previous counts. */
  readonly failure: StatusError | undefined;
}

/**
 * Counts unfinished operations, at most once per interval for all requests, and only on request.
 */
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

  /** @throws {StatusError} UNAVAILABLE if the store does not answer and never has */
  async now(): Promise<CountedNow> {
    const { value, failure } = await this.#counted.get();
    return { ...value, failure };
  }
}
