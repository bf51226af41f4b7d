/** Events that are consumed one after the other. */
export class Turns<T> {
  readonly #kept: T[] = [];
  readonly #asking: ((value: T) => void)[] = [];

  /** The number of events that have not been consumed. */
  get length(): number {
    return this.#kept.length;
  }

  put(value: T): void {
    const ask = this.#asking.shift();
    if (ask === undefined) this.#kept.push(value);
    else ask(value);
  }

  next(): Promise<T> {
    const kept = this.#kept.splice(0, 1);
    const [first] = kept;
    if (kept.length > 0) return Promise.resolve(first as T);
    return new Promise((resolve) => this.#asking.push(resolve));
  }
}
