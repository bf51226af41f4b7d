import { StatusError } from "./error/error.ts";
import type { Clock } from "./ports/clock.ts";

/** A value, with the error of the failed refresh if it is stale. */
export interface Shared<T> {
  readonly value: T;
  /** The error of the store; undefined if the value is fresh. */
  readonly failure: StatusError | undefined;
}

/** Time limits of a shared read, counted from its request. */
export interface SharedTimes {
  /** How long an answer, or a failure, is shared. */
  readonly freshMs: number;
  /** The maximum age of an earlier answer if the store does not answer. */
  readonly staleMs: number;
}

interface Asked<T> {
  /** Monotonic, like all times here. */
  readonly at: number;
  isUnderWay: boolean;
  readonly answer: Promise<T>;
}

/**
 * Shares one read between concurrent and slightly later requests: twenty open pages cost the store
 * as much as one.
 *
 * While the store is UNAVAILABLE, the last answer is served for a while, without extra requests to
 * the store. Any other error goes to the waiting requests, and the next request reads again.
 */
export class SharedRead<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #times: SharedTimes;
  #asked: Asked<T> | undefined;
  #last: { readonly value: T; readonly at: number } | undefined;

  constructor(read: () => Promise<T>, clock: Pick<Clock, "monotonic">, times: SharedTimes) {
    this.#read = read;
    this.#clock = clock;
    this.#times = times;
  }

  /** @throws the errors of the read; UNAVAILABLE if no recent answer exists */
  async get(): Promise<Shared<T>> {
    try {
      return { value: await this.#fresh(), failure: undefined };
    } catch (error) {
      const last = this.#last;
      const isKnown = last !== undefined && this.#clock.monotonic() - last.at <= this.#times.staleMs;
      if (!isKnown || !isAway(error)) throw error;
      return { value: last.value, failure: error };
    }
  }

  /** Invalidates the cached answer and any read in progress. */
  forget(): void {
    this.#asked = undefined;
    this.#last = undefined;
  }

  #fresh(): Promise<T> {
    const asked = this.#asked;
    const now = this.#clock.monotonic();
    const isShared = asked !== undefined && (asked.isUnderWay || now - asked.at < this.#times.freshMs);
    return isShared ? asked.answer : this.#ask(now);
  }

  #ask(at: number): Promise<T> {
    const answer = this.#read();
    const asked: Asked<T> = { at, isUnderWay: true, answer };
    this.#asked = asked;
    void this.#settle(asked);
    return answer;
  }

  /** Never rejects; the requests receive the error. */
  async #settle(asked: Asked<T>): Promise<void> {
    try {
      const value = await asked.answer;
      if (this.#asked === asked) this.#last = { value, at: asked.at };
    } catch (error) {
      if (this.#asked === asked && !isAway(error)) this.#asked = undefined;
    } finally {
      asked.isUnderWay = false;
    }
  }
}

function isAway(error: unknown): error is StatusError {
  return error instanceof StatusError && error.code === "UNAVAILABLE";
}
