import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { Bag } from "../core/value/bag.ts";

/** How often late calls are looked for. */
const CHECK_MS = 250;

/**
 * Answers callers in time although the store does not.
 *
 * A call may need several statements, and each may wait: behind a batch, for a lock, for a
 * connection, for a network without an answer. Each wait has its own limit, but a call may meet
 * several of them. So every call is also limited as a whole, and the caller can try again before
 * its own timeout. The work continues, and its outcome is lost; it may still take effect.
 */
export class TimelyAnswers {
  readonly #clock: Pick<Clock, "monotonic" | "after">;
  readonly #open = new Bag<OpenCall>(OPEN);
  /** One for all calls, because a timer for each call costs more than most calls. */
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(clock: Pick<Clock, "monotonic" | "after">) {
    this.#clock = clock;
  }

  /**
   * The outcome of work in the store.
   *
   * @param mostMs how long the caller waits; a late answer may take a quarter of a second longer.
   *   @default `LIMITS.answerMsMax`
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE after that time, and the errors of the work
   */
  of<T>(work: Promise<T>, mostMs: number = LIMITS.answerMsMax): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = { until: this.#clock.monotonic() + mostMs, isDue: false, reject };
      this.#open.add(call);
      if (!this.#isStopped) this.#timer ??= this.#arm();
      const leave = (): void => this.#leave(call);
      work.then(leave, leave);
      work.then(resolve, reject);
    });
  }

  /** Call it before the store is closed, which ends all calls. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #arm(): Timer {
    return this.#clock.after(CHECK_MS, () => {
      this.#timer = this.#arm();
      const now = this.#clock.monotonic();
      for (const call of this.#open) {
        if (now < call.until - CHECK_MS) continue;
        const wasDue = call.isDue;
        call.isDue = true;
        // If this process stood still, the answer has arrived and is read before the next check.
        if (!wasDue || now < call.until) continue;
        this.#leave(call);
        call.reject(storeSlow());
      }
    });
  }

  #leave(call: OpenCall): void {
    this.#open.delete(call);
    if (this.#open.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

const OPEN = Symbol("open call");

/** A call whose caller waits. */
interface OpenCall {
  /** Monotonic. */
  readonly until: number;
  /** Whether a check has found it due: only the next one ends it. */
  isDue: boolean;
  readonly reject: (error: Error) => void;
}

function storeSlow(): StatusError {
  return serviceError(
    "STORE_UNAVAILABLE",
    "The database did not answer in time, and the call was not confirmed. Try again.",
  );
}
