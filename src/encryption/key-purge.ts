import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { idTime } from "../core/operation/id.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import { DATA_KEY } from "./data-key-record.ts";

/** The inputs of the key purge. */
export interface KeyPurgeParts {
  /** The store behind the encryption. */
  readonly store: Pick<Store, "resources" | "rows" | "time">;
  readonly clock: Pick<Clock, "monotonic">;
  readonly tell: Tell;
}

const OLDEST = {
  collection: { parent: "-", isWide: true },
  filter: null,
  order: { by: "createTime", descending: false },
  after: null,
  limit: 1,
} as const;

/**
 * Removes data keys that nothing needs any more.
 *
 * A text of an operation is sealed by the key of the day that its id tells, or of a later day (data-keys.ts). So the key of a day
 * is not needed once the oldest operation in the store has an id of a later day. A key is kept for `LIMITS.dataKeyKeptMs` after
 * its day in any case: until then an operation of that day may be on its way into the store, such as in a caller's transaction
 * that is not committed yet.
 */
export class KeyPurge {
  readonly #parts: KeyPurgeParts;
  /** Monotonic. */
  #nextAt = 0;

  constructor(parts: KeyPurgeParts) {
    this.#parts = parts;
  }

  /** Looks once an hour, or again while there is more to remove. An error is logged, not thrown. */
  async round(): Promise<void> {
    const { clock, tell } = this.#parts;
    const now = clock.monotonic();
    if (now < this.#nextAt) return;
    this.#nextAt = now + LIMITS.dataKeyPurgeMs;
    try {
      const count = await this.#remove();
      if (count > 0) tell["encryption.keys-removed"]?.({ count });
      if (count === LIMITS.dataKeyPurgeBatch) this.#nextAt = now;
    } catch (error) {
      tell["encryption.keys-kept"]?.({ error });
    }
  }

  /** @returns how many keys were removed */
  async #remove(): Promise<number> {
    const { store } = this.#parts;
    // Before the look: whatever is stored after it is younger than this, by more than a day.
    const latest = store.time() - LIMITS.dataKeyKeptMs;
    const { rows, next } = await store.rows(OLDEST);
    const oldest = rows[0]?.id ?? next?.id;
    const needed = oldest === undefined ? latest : Math.min(latest, idTime(oldest));
    return store.resources.removeDue(DATA_KEY, needed, LIMITS.dataKeyPurgeBatch);
  }
}
