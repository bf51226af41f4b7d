/** A resource that must be closed. */
export interface Closable {
  close(): void;
}

/** Resources that are created at their first use, one for each key, and closed together. */
export class Belongings implements Closable {
  readonly #byKey = new Map<object, Closable>();

  /** The resource of a key. Each key always has the same type of resource. */
  of<Thing extends Closable>(key: object, make: () => Thing): Thing {
    let thing = this.#byKey.get(key) as Thing | undefined;
    if (thing === undefined) this.#byKey.set(key, (thing = make()));
    return thing;
  }

  /** Closes all resources. Later uses create new ones. */
  close(): void {
    for (const each of this.#byKey.values()) each.close();
    this.#byKey.clear();
  }
}
