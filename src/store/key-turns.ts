/** An item that waits for keys in turn. `held`: the keys that it holds now. */
export interface Taker {
  held: readonly string[];
}

/** The holder of each key, and the queue behind it. Every step takes constant time. */
export class KeyTurns<Each extends Taker> {
  readonly #behind = new Map<string, Queue<Each>>();

  /**
   * Queues an item behind the first of its keys that is held. @returns whether any of its keys is
   * held
   */
  isBehind(each: Each, keys: readonly string[]): boolean {
    for (const key of keys) {
      const queue = this.#behind.get(key);
      if (queue === undefined) continue;
      queue.items.push(each);
      return true;
    }
    return false;
  }

  /** Takes keys that are free. */
  take(each: Each, keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) this.#behind.set(key, { items: [], served: 0 });
    each.held = each.held.length === 0 ? keys : [...each.held, ...keys];
  }

  /**
   * Releases all keys of an item.
   *
   * @param next receives the next item of a key, and may take the key for it. If it does, the
   * remaining items stay behind that item
   */
  release(each: Each, next: (each: Each) => void): void {
    for (const key of each.held) {
      const queue = this.#behind.get(key);
      this.#behind.delete(key);
      if (queue === undefined) continue;
      const { items } = queue;
      for (let first = items[queue.served]; first !== undefined; first = items[queue.served]) {
        if (this.#behind.has(key)) break;
        queue.served++;
        next(first);
      }
      if (queue.served * 2 > items.length) {
        items.splice(0, queue.served);
        queue.served = 0;
      }
      if (items.length > 0) this.#behind.set(key, queue);
    }
    each.held = [];
  }
}

/** Served items stay until they are more than half: `shift` of a long array moves all the others. */
interface Queue<Each> {
  readonly items: Each[];
  served: number;
}
