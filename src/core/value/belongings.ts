/** What has to be closed in the end. */
export interface Closable {
  close(): void;
}

/** Things that are made when they are asked for first, one for each key, and closed together. */
export class Belongings implements Closable {
  readonly #byKey = new Map<object, Closable>();

  /** The thing of a key. With one key comes one kind of thing. */
  of<Thing extends Closable>(key: object, make: () => Thing): Thing {
    let thing = this.#byKey.get(key) as Thing | undefined;
    if (thing === undefined) this.#byKey.set(key, (thing = make()));
    return thing;
  }

  /** Closes all. What is asked for later is made anew. */
  close(): void {
    for (const each of this.#byKey.values()) each.close();
    this.#byKey.clear();
  }
}
