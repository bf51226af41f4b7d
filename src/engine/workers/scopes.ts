import { Scope } from "./scope.ts";

/** Of so many parents it is remembered whether there is work, while nobody waits for it. */
const SCOPES_MAX = 1_000;

/** So many are looked at when one is added: a few, and by turns all, however many there are. */
const LOOKED_AT = 16;

/** The parents that claims are made in, each with what is known of its work. */
export class Scopes {
  readonly #byParent = new Map<string, Scope>();

  /** All of them. */
  all(): IteratorObject<Scope> {
    return this.#byParent.values();
  }

  /** That of a parent. What is known of others is forgotten when there are many, and nobody waits in them. */
  of(parent: string): Scope {
    const known = this.#byParent.get(parent);
    if (known !== undefined) return known;
    if (this.#byParent.size >= SCOPES_MAX) this.#forgetSome();
    const made = new Scope(parent);
    this.#byParent.set(parent, made);
    return made;
  }

  #forgetSome(): void {
    for (const [parent, scope] of this.#byParent.entries().take(LOOKED_AT).toArray()) {
      if (this.#byParent.size < SCOPES_MAX) return;
      this.#byParent.delete(parent);
      if (!scope.isIdle) this.#byParent.set(parent, scope);
    }
  }

  /** Those that an operation of a parent may be claimed in; all where the parent is not known. */
  containing(parent: string | undefined): Iterable<Scope> {
    if (parent === undefined) return this.all();
    return [...collectionsOf(parent)].flatMap((each) => this.#byParent.get(each) ?? []);
  }
}

/** A parent, and each that it is below; everywhere comes last. */
function* collectionsOf(parent: string): Generator<string> {
  for (let each = parent; each !== ""; each = each.slice(0, Math.max(0, each.lastIndexOf("/")))) yield each;
  yield "";
}
