/**
 * A set of objects that come and go all the time. It is not ordered.
 *
 * A `Set` would make a new table every few changes, and the table before keeps what it held until the next full garbage
 * collection, along with all that these objects refer to. Here each object has its index in a property of its own, so
 * that nothing is made when it comes and nothing is kept when it goes.
 */
export class Bag<Item extends object> implements Iterable<Item> {
  readonly #index: symbol;
  readonly #items: Item[];

  /**
   * @param index the property for the index. An object is in one bag with the same property at a time.
   * @param first what is in it from the beginning: a bag of one has no room for others, and is small
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
    this.#place(item, this.#items.push(item) - 1);
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

  /** The items, the last first. The one that is given may go meanwhile. */
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
