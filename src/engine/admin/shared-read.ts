import type { Clock } from "../../core/ports/clock.ts";

/** What was read, when, and whether it should have been read anew. */
export interface Shared<T> {
  readonly value: T;
  readonly stale: boolean;
}

/**
 * One read for all who ask at once or a moment later: twenty open pages cost the store what one does. Where the store does not
 * answer, the last answer is given for a while, marked as stale.
 */
export class SharedRead<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #times: { readonly freshMs: number; readonly staleMs: number };
  #last: { readonly value: T; readonly at: number } | undefined;
  #underWay: Promise<T> | undefined;

  /**
   * @param times.freshMs how long an answer is given to others
   * @param times.staleMs how old it may be where a read fails
   */
  constructor(
    read: () => Promise<T>,
    clock: Pick<Clock, "monotonic">,
    times: { readonly freshMs: number; readonly staleMs: number },
  ) {
    this.#read = read;
    this.#clock = clock;
    this.#times = times;
  }

  /** Whether the next `get` costs nothing. */
  get isFresh(): boolean {
    return this.#last !== undefined && this.#clock.monotonic() - this.#last.at < this.#times.freshMs;
  }

  /** @throws what the read throws, where there is no answer that is young enough */
  async get(): Promise<Shared<T>> {
    const last = this.#last;
    if (last !== undefined && this.isFresh) return { value: last.value, stale: false };
    try {
      this.#underWay ??= this.#begin();
      return { value: await this.#underWay, stale: false };
    } catch (error) {
      if (last === undefined || this.#clock.monotonic() - last.at >= this.#times.staleMs) throw error;
      return { value: last.value, stale: true };
    }
  }

  /** What was read is out of date. */
  forget(): void {
    this.#last = undefined;
    this.#underWay = undefined;
  }

  async #begin(): Promise<T> {
    const at = this.#clock.monotonic();
    try {
      const value = await this.#read();
      this.#last = { value, at };
      return value;
    } finally {
      this.#underWay = undefined;
    }
  }
}
