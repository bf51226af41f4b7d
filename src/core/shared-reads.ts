import type { Clock } from "./ports/clock.ts";
import { SharedRead } from "./shared-read.ts";
import { Recent } from "./value/recent.ts";

/** The parts of {@link SharedReads}. */
export interface SharedReadsParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** How long an answer is shared, in milliseconds from its request. */
  readonly freshMs: number;
  /** The number of keys in the cache; the least recent are dropped. */
  readonly most: number;
}

/** Shares reads by key between concurrent and slightly later requests. */
export class SharedReads<T> {
  readonly #parts: SharedReadsParts;
  /** In the order of their last use. */
  readonly #byKey: Recent<string, SharedRead<T>>;

  constructor(parts: SharedReadsParts) {
    this.#parts = parts;
    this.#byKey = new Recent(parts.most);
  }

  /**
   * @param key equal only for requests that may share an answer
   * @throws the errors of the read
   */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    const shared = this.#byKey.use(key) ?? this.#add(key, read);
    return (await shared.get()).value;
  }

  #add(key: string, read: () => Promise<T>): SharedRead<T> {
    const { clock, freshMs } = this.#parts;
    const shared = new SharedRead(read, clock, { freshMs, staleMs: 0 });
    this.#byKey.set(key, shared);
    return shared;
  }

  /** Invalidates all cached answers and reads in progress. */
  forget(): void {
    this.#byKey.clear();
  }
}
