/** A map with a limited size, which drops its oldest values. */
export class Kept<Value> {
  readonly #max: number;
  readonly #values = new Map<string, Value>();

  constructor(max: number) {
    this.#max = max;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  /** Adds or replaces a value. */
  set(key: string, value: Value): void {
    if (this.#values.size >= this.#max && !this.#values.has(key)) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  *[Symbol.iterator](): Generator<readonly [string, Value]> {
    yield* this.#values;
  }
}
