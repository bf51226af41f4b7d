/** Counts occurrences of texts. */
export class Counts {
  readonly #counts = new Map<string, number>();

  /** Whether the count of a text is above 0. */
  has(text: string): boolean {
    return this.#counts.has(text);
  }

  /** Adds one. */
  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  /** Subtracts one. */
  remove(text: string): void {
    const left = (this.#counts.get(text) ?? 0) - 1;
    if (left > 0) this.#counts.set(text, left);
    else this.#counts.delete(text);
  }
}
