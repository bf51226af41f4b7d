import { LIMITS } from "../../core/limits.ts";
import type { Change, Store } from "../../core/ports/store.ts";

/**
 * The newest operations that this process began and whose ends were not announced to it. A wait for
 * one of them need not first check in the store that it exists and is unfinished.
 *
 * Authority: the store's notices. A beginning is remembered before it is sent to the store, and not
 * again after the answer: another process may announce the end first, and this notice must find its
 * entry. If the store does not announce other processes' changes, nothing is remembered. On
 * failure: after a lost notice, the next look of {@link WaiterPolls} releases these waiters like
 * all others.
 *
 * At least `max` entries are kept and at most twice as many, in two halves: when the younger half
 * is full, the older one is dropped.
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

  /** The number of remembered operations. */
  get count(): number {
    return this.#younger.size + this.#older.size;
  }

  /**
   * Call this before the store gets the operation, and {@link forget} if the store does not keep
   * it.
   */
  remember(id: string, parent: string): void {
    if (!this.#isOn) return;
    if (this.#younger.size >= this.#max) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(id, parent);
  }

  /** Harmless for unknown operations. */
  forget(id: string): void {
    if (!this.#younger.delete(id)) this.#older.delete(id);
  }

  /** Forgets operations that have ended or were removed. */
  notice(changes: readonly Change[]): void {
    if (this.count === 0) return;
    for (const { id, state } of changes) if (state !== "PENDING" && state !== "RUNNING") this.forget(id);
  }

  /** Whether the operation began here, under this parent, and its end was not announced. */
  goesOn(id: string, parent: string): boolean {
    return (this.#younger.get(id) ?? this.#older.get(id)) === parent;
  }
}
