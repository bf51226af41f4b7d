/**
 * A set for objects that come and go all the time. It is not ordered.
 *
 * A `Set` allocates a new table after every few changes, and the old table keeps its objects, with
 * everything they refer to, until the next full garbage collection. Here each object stores its
 * index in its own property, so that adding allocates nothing and removing keeps nothing.
 */
export class Bag<Item extends object> implements Iterable<Item> {
  readonly #index: symbol;
  #items: Item[];

  /**
   * @param index the property for the index. An object can be in only one bag with the same
   * property at a time.
   * @param first the first item; a bag created with it allocates no room for others
   */
  constructor(index: symbol, first?: Item) {
    this.#index = index;
    this.#items = first === undefined ? [] : [first];
    if (first !== undefined) this.#place(first, 0);
  }

  get size(): number {
    return this.#items.length;
  }

  has(item: Item): boolean {
    return this.#indexOf(item) !== undefined;
  }

  /** Adds an item that is not in the bag. */
  add(item: Item): void {
    // The first push would allocate room for 16 more.
    if (this.#items.length === 0) this.#items = [item];
    else this.#items.push(item);
    this.#place(item, this.#items.length - 1);
  }

  /** @returns whether it was in the bag */
  delete(item: Item): boolean {
    const index = this.#indexOf(item);
    if (index === undefined) return false;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#items[index] = last;
      this.#place(last, index);
    }
    this.#place(item, undefined);
    return true;
  }

  /** The items, last first. The current item may be removed during the iteration. */
  *[Symbol.iterator](): Generator<Item> {
    for (let index = this.#items.length - 1; index >= 0; index--) {
      const item = this.#items[index];
      if (item !== undefined) yield item;
    }
  }

  #indexOf(item: Item): number | undefined {
    const index = (item as Placed)[this.#index];
    return index !== undefined && this.#items[index] === item ? index : undefined;
  }

  #place(item: Item, index: number | undefined): void {
    (item as Placed)[this.#index] = index;
  }
}

interface Placed {
  [index: symbol]: number | undefined;
}
