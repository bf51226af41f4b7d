/** How many there are of each text. */
export class Counts {
  readonly #counts = new Map<string, number>();

  /** Whether there is one. */
  has(text: string): boolean {
    return this.#counts.has(text);
  }

  /** There is one more. */
  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  /** There is one less. */
  remove(text: string): void {
    const left = (this.#counts.get(text) ?? 0) - 1;
    if (left > 0) this.#counts.set(text, left);
    else this.#counts.delete(text);
  }
}
