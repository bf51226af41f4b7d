/** Whoever takes turns at keys. `held`: the keys it has now. */
export interface Taker {
  held: readonly string[];
}

/** Who has a key, and who waits behind them, in their order. Every step costs the same, however many wait. */
export class KeyTurns<Each extends Taker> {
  readonly #behind = new Map<string, Each[]>();

  /** Puts one behind the first of its keys that somebody has. @returns whether somebody has one */
  isBehind(each: Each, keys: readonly string[]): boolean {
    for (const key of keys) {
      const queue = this.#behind.get(key);
      if (queue === undefined) continue;
      queue.push(each);
      return true;
    }
    return false;
  }

  /** Takes keys that nobody has. */
  take(each: Each, keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) this.#behind.set(key, []);
    each.held = each.held.length === 0 ? keys : [...each.held, ...keys];
  }

  /**
   * Gives all keys back.
   *
   * @param next is given whoever comes next at a key, and has it take the key or not. The next one who takes it takes along
   *   those behind it
   */
  release(each: Each, next: (each: Each) => void): void {
    for (const key of each.held) {
      const queue = this.#behind.get(key) ?? [];
      this.#behind.delete(key);
      while (queue.length > 0 && !this.#behind.has(key)) {
        const first = queue.shift();
        if (first !== undefined) next(first);
      }
      if (queue.length > 0) this.#behind.set(key, queue);
    }
    each.held = [];
  }
}
