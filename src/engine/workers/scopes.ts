import { Scope } from "./scope.ts";

/** The number of parents without waiting claims whose estimates are kept. */
const SCOPES_MAX = 1_000;

/**
 * The number of scopes that are examined when one is added: a few, and all in turn, however many
 * there are.
 */
const LOOKED_AT = 16;

/** The scopes of claims, by parent. */
export class Scopes {
  readonly #byParent = new Map<string, Scope>();

  /** All scopes. */
  all(): IteratorObject<Scope> {
    return this.#byParent.values();
  }

  /** The scope of a parent. If there are many, scopes without waiting claims are dropped. */
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

  /** The scopes in which an operation of a parent may be claimed; all if the parent is unknown. */
  containing(parent: string | undefined): Iterable<Scope> {
    if (parent === undefined) return this.all();
    return [...collectionsOf(parent)].flatMap((each) => this.#byParent.get(each) ?? []);
  }
}

/** A parent with all parents above it; everywhere comes last. */
function* collectionsOf(parent: string): Generator<string> {
  for (let each = parent; each !== ""; each = each.slice(0, Math.max(0, each.lastIndexOf("/")))) yield each;
  yield "";
}
