/**
 * Results that arrive before anybody asks for them are kept long enough for their caller to ask.
 */
const MOST = 10_000;

/**
 * Matches results to waiting callers, for peers that report every result as it happens. A result
 * may arrive before its id has reached the caller, so the last ten thousand are kept.
 */
export class Known {
  readonly #waiting = new Map<string, (result: string) => void>();
  readonly #told = new Map<string, string>();

  /** A result was reported. */
  tell(id: string, result: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      this.#waiting.delete(id);
      waiting(result);
      return;
    }
    this.#told.set(id, result);
    if (this.#told.size <= MOST) return;
    const [oldest] = this.#told.keys();
    if (oldest !== undefined) this.#told.delete(oldest);
  }

  /** @returns the result, as soon as it is reported */
  of(id: string): Promise<string> {
    const told = this.#told.get(id);
    if (told !== undefined) {
      this.#told.delete(id);
      return Promise.resolve(told);
    }
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}

/** The ids and results of those of the given operations that are done. */
export type Look = (ids: readonly string[]) => Promise<readonly (readonly [id: string, result: string])[]>;

/**
 * The interval of polls: a shorter one finds little more, and a longer one delays a single caller
 * noticeably.
 */
const FEW_MS = 2;
/**
 * With many callers each waits longer anyway, and the polls would be a large part of the peer's
 * cost.
 */
const MANY_MS = 5;
const FEW = 4;

/** A description of the polling, for tables. */
export const POLLS = `one query for all waiting callers, every ${FEW_MS} ms, or every ${MANY_MS} ms if more than ${FEW} wait`;

/**
 * Matches results to waiting callers, for peers that have to be polled. While anybody waits, one
 * poll asks for all callers: separate polls of each caller would cost the database far more.
 */
export class Poller {
  readonly #waiting = new Map<string, (result: string) => void>();
  readonly #look: Look;
  #polling = false;

  constructor(look: Look) {
    this.#look = look;
  }

  of(id: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      if (!this.#polling) this.#poll().catch(reject);
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#waiting.size > 0) {
        for (const [id, result] of await this.#look([...this.#waiting.keys()])) {
          this.#waiting.get(id)?.(result);
          this.#waiting.delete(id);
        }
        await new Promise((resolve) => {
          setTimeout(resolve, this.#waiting.size > FEW ? MANY_MS : FEW_MS);
        });
      }
    } finally {
      this.#polling = false;
    }
  }
}
