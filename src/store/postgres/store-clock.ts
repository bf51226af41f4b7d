import type { Database } from "./database.ts";
import { TIME } from "./statements-service.ts";
import type { Clock, TimeBounds } from "../../core/ports/clock.ts";

/**
 * The store's clock: an estimate of the database's clock.
 *
 * Statements that grant and check leases read the database's clock themselves. All other times
 * (such as creation and end of an operation) are estimated from the database's last answer and the
 * process's monotonic clock since then. A wrong wall clock of the machine therefore does no harm.
 * In tests, the ManualClock is itself the store's clock.
 */
export class StoreClock {
  readonly #clock: Clock;
  /** The difference from the monotonic clock to the database's. */
  #offsetMs = 0;
  /** Half of the round trip from which the offset was learned: the largest possible error. */
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

  /** The estimate may be wrong by half of the round trip from which it was learned. */
  timeBounds(): TimeBounds {
    const time = this.time();
    if (this.#clock.isReal !== true) return { earliest: time, latest: time };
    const estimate = this.#clock.monotonic() + this.#offsetMs;
    const latest = Math.ceil(Math.max(time, estimate + this.#errorMs));
    return { earliest: Math.floor(estimate - this.#errorMs), latest };
  }

  /** The time for statements: the time of a test, or null for the database's own. */
  statementTime(): number | null {
    return this.#clock.isReal === true ? null : this.time();
  }

  /**
   * Learns from an answer of the database, unless the last one was more precise and is still
   * recent, because clocks drift apart. An answer that contradicts the last one always counts: a
   * clock was set, or the machine slept.
   *
   * @param startedAt the monotonic time before the query
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

/**
 * The time for which an answer stays valid. In a minute, two clocks drift apart by some
 * milliseconds at worst.
 */
const LEARNED_MS = 60_000;
/** The largest drift in this time. */
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
