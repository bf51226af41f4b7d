/** Results that are told before anybody asks are kept so long that whoever started them can ask. */
const MOST = 10_000;

/**
 * Who waits for which operation, for peers that tell of every result as it happens. A result may be told before its id has
 * reached the caller, so the last ten thousand are kept.
 */
export class Known {
  readonly #waiting = new Map<string, (result: string) => void>();
  readonly #told = new Map<string, string>();

  /** Somebody told. */
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

  /** @returns what is told of it, once that is */
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

/** Ids and results of those that are done, of those that are asked for. */
export type Look = (ids: readonly string[]) => Promise<readonly (readonly [id: string, result: string])[]>;

/** Between questions: less finds little more, and more is seen by whoever is alone. */
const FEW_MS = 2;
/** Where many wait they wait longer anyway, and the questions would be a good part of what a peer costs. */
const MANY_MS = 5;
const FEW = 4;

/** How a poller asks, for tables. */
export const POLLS = `one query for all waiting callers, every ${FEW_MS} ms, or every ${MANY_MS} ms if more than ${FEW} wait`;

/**
 * Who waits for which operation, for peers that have to be asked. One question, asked again and again while anybody waits, is for
 * all who wait: what each of them would ask alone costs the database far more.
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
