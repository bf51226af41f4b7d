import type { Database } from "./database.ts";
import { TIME } from "./statements-service.ts";
import type { Clock, TimeBounds } from "../../core/ports/clock.ts";

/**
 * The store's clock, which is the database's, as far as a process can know it.
 *
 * What leases are given and judged by is asked inside of the statements. Everything else (when an operation was created,
 * when it ended) is told by an estimate: the database's answer, and the process's monotonic clock since. A machine whose
 * wall clock is wrong so does no harm. A clock that a test turns is the store's clock itself.
 */
export class StoreClock {
  readonly #clock: Clock;
  /** From the monotonic clock to the database's. */
  #offsetMs = 0;
  /** Half of the round trip that the offset was learned from: it may be wrong by so much. */
  #errorMs = Number.POSITIVE_INFINITY;
  #learnedAt = 0;
  #now = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Never goes back. */
  time(): number {
    this.#now = Math.max(this.#now, this.#estimate());
    return this.#now;
  }

  /** The estimate may be wrong by half of the round trip that it was learned from. */
  timeBounds(): TimeBounds {
    const time = this.time();
    if (this.#clock.isReal !== true) return { earliest: time, latest: time };
    const estimate = this.#clock.monotonic() + this.#offsetMs;
    const latest = Math.ceil(Math.max(time, estimate + this.#errorMs));
    return { earliest: Math.floor(estimate - this.#errorMs), latest };
  }

  /** What statements judge by: the time of a test, or null for the database's own. */
  statementTime(): number | null {
    return this.#clock.isReal === true ? null : this.time();
  }

  /**
   * Learns from an answer of the database, unless the last one was nearer and is not old yet: clocks drift apart. One that
   * cannot be true together with the last one counts however long it took: a clock was set, or the machine slept.
   *
   * @param startedAt monotonic, before the database was asked
   */
  learn(databaseTime: number, startedAt: number): void {
    const endedAt = this.#clock.monotonic();
    const errorMs = (endedAt - startedAt) / 2;
    const offsetMs = databaseTime - (startedAt + errorMs);
    const agrees = Math.abs(offsetMs - this.#offsetMs) <= errorMs + this.#errorMs + DRIFT_MS;
    if (agrees && errorMs > this.#errorMs && endedAt - this.#learnedAt < LEARNED_MS) return;
    this.#offsetMs = offsetMs;
    this.#errorMs = errorMs;
    this.#learnedAt = endedAt;
  }

  #estimate(): number {
    return this.#clock.isReal === true
      ? Math.round(this.#clock.monotonic() + this.#offsetMs)
      : this.#clock.now();
  }
}

/** How long an answer counts. In a minute two clocks drift apart by some milliseconds at the worst. */
const LEARNED_MS = 60_000;
/** As far as that. */
const DRIFT_MS = 50;

/** Asks the database for its time. */
export async function learnTime({
  database,
  clock,
  storeClock,
}: {
  readonly database: Pick<Database, "query">;
  readonly clock: Clock;
  readonly storeClock: StoreClock;
}): Promise<void> {
  const startedAt = clock.monotonic();
  const [row] = await database.query(TIME);
  storeClock.learn(Number(row?.[0]), startedAt);
}
