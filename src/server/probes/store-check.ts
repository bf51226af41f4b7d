import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatDuration } from "../../core/value/duration.ts";

/** A query that was sent to the store. */
interface Check {
  readonly beganAt: number;
  /**
   * The failure; undefined if the store answered in time. Always resolves, at the latest when the
   * time is over.
   */
  readonly verdict: Promise<string | undefined>;
  /** Whether the query is still running. */
  isUnderWay: boolean;
}

/**
 * Checks whether the store answers: at most once in `LIMITS.storeCheckMs`, and never twice at a
 * time, however many callers there are. Concurrent callers get the same result. A store that does
 * not answer makes a caller wait at most `LIMITS.storeCheckAnswerMs`, and is not asked again until
 * it has answered or failed.
 */
export class StoreCheck {
  readonly #ask: () => Promise<unknown>;
  readonly #clock: Clock;
  #latest: Check | undefined;

  /** @param ask runs a small query, and rejects if the store fails */
  constructor(ask: () => Promise<unknown>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** The failure of the store; undefined if it answers. */
  failure(): Promise<string | undefined> {
    const now = this.#clock.monotonic();
    const latest = this.#latest;
    if (latest !== undefined && (latest.isUnderWay || now - latest.beganAt < LIMITS.storeCheckMs)) {
      return latest.verdict;
    }
    return (this.#latest = this.#begin(now)).verdict;
  }

  #begin(beganAt: number): Check {
    const { promise: verdict, resolve } = Promise.withResolvers<string | undefined>();
    const check: Check = { beganAt, verdict, isUnderWay: true };
    const timer = this.#clock.after(LIMITS.storeCheckAnswerMs, () => resolve(TOO_LATE));
    const end = (failure: string | undefined): void => {
      timer.cancel();
      check.isUnderWay = false;
      resolve(failure);
    };
    // The store's own error is only for the log, because it may contain addresses.
    this.#ask().then(
      () => end(undefined),
      () => end("it cannot be used now"),
    );
    return check;
  }
}

const TOO_LATE = `it did not answer within ${formatDuration(LIMITS.storeCheckAnswerMs)}`;
