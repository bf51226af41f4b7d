import { LIMITS } from "../../core/limits.ts";
import type { Change, Store } from "../../core/ports/store.ts";

/**
 * The youngest operations that this process began and has not heard the end of. Who waits for one of them need not ask the
 * store first whether it is there and goes on.
 *
 * Authority: the store's notices. A beginning is remembered before it is sent to the store, and not again when that answers:
 * another process may tell of the end first, and its notice must find what it is to take out. Where the store does not
 * tell of other processes' changes nothing is remembered. On failure, where a notice is lost, whoever waits is let go by the next
 * look of {@link WaiterPolls}, as anybody is.
 *
 * At least `max` are kept and at most twice as many, in two halves: when the younger is full, the older is dropped whole.
 */
export class Beginnings {
  readonly #isOn: boolean;
  readonly #max: number;
  /** Parents by id. */
  #younger = new Map<string, string>();
  #older = new Map<string, string>();

  constructor(options: { readonly store: Pick<Store, "tellsOfOthers">; readonly max?: number }) {
    this.#isOn = options.store.tellsOfOthers;
    this.#max = options.max ?? LIMITS.beginningsMax;
  }

  /** Operations remembered now. */
  get count(): number {
    return this.#younger.size + this.#older.size;
  }

  /** To be called before the store is asked to keep the operation, and {@link forget} if it does not. */
  remember(id: string, parent: string): void {
    if (!this.#isOn) return;
    if (this.#younger.size >= this.#max) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(id, parent);
  }

  /** Harmless for what is not remembered. */
  forget(id: string): void {
    if (!this.#younger.delete(id)) this.#older.delete(id);
  }

  /** Forgets operations that have ended or were removed. */
  notice(changes: readonly Change[]): void {
    if (this.count === 0) return;
    for (const { id, state } of changes) if (state !== "PENDING" && state !== "RUNNING") this.forget(id);
  }

  /** Whether the operation was begun here, under this parent, and no end of it was heard of. */
  goesOn(id: string, parent: string): boolean {
    return (this.#younger.get(id) ?? this.#older.get(id)) === parent;
  }
}
