import { StatusError } from "./error/error.ts";
import type { Clock } from "./ports/clock.ts";

/** What was read, and why it is not what is there now, where that is so. */
export interface Shared<T> {
  readonly value: T;
  /** Of the store that did not answer; undefined where the value is fresh. */
  readonly failure: StatusError | undefined;
}

/** How old what was read may be, from when it was asked for. */
export interface SharedTimes {
  /** How long an answer is given to others, or that there is none. */
  readonly freshMs: number;
  /** How old the answer from before may be, where the store does not answer. */
  readonly staleMs: number;
}

interface Asked<T> {
  /** Monotonic, as all instants here. */
  readonly at: number;
  isUnderWay: boolean;
  readonly answer: Promise<T>;
}

/**
 * One read for all who ask at once or a moment later: twenty open pages cost the store what one does.
 *
 * Where the store does not answer (UNAVAILABLE), the last answer is given for a while, and the store is not asked more often than
 * else. Any other error is told to those who asked, and the next who asks reads anew.
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

  /** @throws what the read throws; UNAVAILABLE where there is no answer that is young enough */
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

  /** What was read is out of date, and so is what is being read. */
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

  /** Never rejects: whoever asked has the error. */
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
