import type { Clock } from "./ports/clock.ts";
import { SharedRead } from "./shared-read.ts";

/** How reads are shared. */
export interface SharedReadsParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** How long an answer is given to others who ask the same, in milliseconds from when it was asked for. */
  readonly freshMs: number;
  /** So many different questions are remembered, those that were asked last. */
  readonly most: number;
}

/** One read for all who ask the same at once or a moment later, where there are many different questions. */
export class SharedReads<T> {
  readonly #parts: SharedReadsParts;
  /** In the order in which they were asked last. */
  readonly #byKey = new Map<string, SharedRead<T>>();

  constructor(parts: SharedReadsParts) {
    this.#parts = parts;
  }

  /**
   * @param key the same for whoever may have the same answer, and for nobody else
   * @throws what the read throws
   */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    const { clock, freshMs, most } = this.#parts;
    const shared = this.#byKey.get(key) ?? new SharedRead(read, clock, { freshMs, staleMs: 0 });
    this.#byKey.delete(key);
    this.#byKey.set(key, shared);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > most && oldest !== undefined) this.#byKey.delete(oldest);
    return (await shared.get()).value;
  }

  /** What was read is out of date, and so is what is being read. */
  forget(): void {
    this.#byKey.clear();
  }
}
