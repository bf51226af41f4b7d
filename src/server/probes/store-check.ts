import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatDuration } from "../../core/value/duration.ts";

/** A question that the store was asked. */
interface Check {
  readonly beganAt: number;
  /** What is wrong; undefined where the store answered in time. Always resolves, when the time is over at the latest. */
  readonly verdict: Promise<string | undefined>;
  /** Whether the store may still answer. */
  isUnderWay: boolean;
}

/**
 * Asks the store whether it answers: once in `LIMITS.storeCheckMs` at most, and never twice at a time, however many want to
 * know. Who asks meanwhile is told the same. A store that does not answer makes nobody wait longer than
 * `LIMITS.storeCheckAnswerMs`, and is not asked again until it has answered, or refused.
 */
export class StoreCheck {
  readonly #ask: () => Promise<unknown>;
  readonly #clock: Clock;
  #latest: Check | undefined;

  /** @param ask asks the store something small, and rejects where it does not answer */
  constructor(ask: () => Promise<unknown>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** What is wrong with the store; undefined where it answers. */
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
    // What the store says of itself is for the log: it may name addresses.
    this.#ask().then(
      () => end(undefined),
      () => end("it cannot be used now"),
    );
    return check;
  }
}

const TOO_LATE = `it did not answer within ${formatDuration(LIMITS.storeCheckAnswerMs)}`;
