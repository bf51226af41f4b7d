import { invariant } from "../core/invariant.ts";
import type { Method } from "../core/method/method.ts";

/**
 * The capacity for handlers: a number of slots in the process, and a number for each method. A slot
 * is *taken* by an attempt or a reservation, or *held* for operations that a claim in progress may
 * return. While the outcome of an attempt is *written*, its slot is free, so that the next claim
 * does not wait for that commit. If more outcomes are being written than there are slots, the
 * excess occupies slots.
 */
export class Slots {
  readonly #max: number;
  readonly #maxByMethod: ReadonlyMap<string, number>;
  readonly #takenByMethod = new Map<string, number>();
  #paused: ReadonlySet<string> = new Set();
  #taken = 0;
  #held = 0;
  #writing = 0;

  /**
   * @param concurrency the most concurrent handlers in the process, 1 or more; a lower limit of a
   * method takes precedence
   */
  constructor(methods: Iterable<Method>, concurrency: number) {
    this.#max = concurrency;
    this.#maxByMethod = new Map(
      Array.from(methods, (method) => [
        method.name,
        Math.min(method.concurrency ?? concurrency, concurrency),
      ]),
    );
  }

  /** The number of taken slots, without held ones. */
  get taken(): number {
    return this.#taken;
  }

  /** The number of free slots in the process. */
  get free(): number {
    return this.#max - this.#taken - this.#held - Math.max(0, this.#writing - this.#max);
  }

  /** Gives no slots to new attempts of these methods. */
  pause(methods: ReadonlySet<string>): void {
    this.#paused = methods;
  }

  /** Whether the method gets no slots, however many are free. */
  isPaused(method: string): boolean {
    return this.#paused.has(method);
  }

  /**
   * The number of free slots for a method; 0 for one that is not served, or is paused.
   *
   * @param promised the slots of the method that may be filled through held slots of the process.
   * @default 0
   */
  freeFor(method: string, promised = 0): number {
    if (this.#paused.has(method)) return 0;
    const max = this.#maxByMethod.get(method) ?? 0;
    return Math.max(0, Math.min(this.free, max - (this.#takenByMethod.get(method) ?? 0) - promised));
  }

  /** Takes a slot, or returns false if none is free. */
  take(method: string): boolean {
    if (this.freeFor(method) === 0) return false;
    this.#taken++;
    this.#takenByMethod.set(method, (this.#takenByMethod.get(method) ?? 0) + 1);
    return true;
  }

  /** Gives a taken slot back. */
  give(method: string): void {
    const taken = this.#takenByMethod.get(method) ?? 0;
    invariant(taken > 0, "a slot is given back once");
    this.#takenByMethod.set(method, taken - 1);
    this.#taken--;
  }

  /** Gives a taken slot back while the outcome of its attempt is written. */
  beginWrite(method: string): void {
    this.give(method);
    this.#writing++;
  }

  /** Ends a {@link beginWrite}. */
  endWrite(): void {
    this.#writing--;
  }

  /** Whether nothing is running, and no outcome is being written. */
  get isIdle(): boolean {
    return this.#taken === 0 && this.#writing === 0;
  }

  /** Reserves `count` of the process's free slots. */
  hold(count: number): void {
    invariant(count <= this.free, "only free slots are held");
    this.#held += count;
  }

  /** Ends a {@link hold}. */
  letGo(count: number): void {
    this.#held -= count;
  }
}
