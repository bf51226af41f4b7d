import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { DEFAULT_ORDER, type ListPosition } from "../../core/list/order.ts";
import { type Collection, collectionOf, WILDCARD } from "../../core/operation/collection.ts";
import type { Seen } from "../../core/ports/seen.ts";
import type { Store } from "../../core/ports/store.ts";
import { formatTimestamp } from "../../core/value/timestamp.ts";
import type { Collections } from "./collections.ts";
import type { Watchers } from "./watchers.ts";

/**
 * The longest time between the creation of an id and the commit of its start, including the clock
 * error of other processes.
 */
const LATE_MS = 5_000;
/** Done operations can only be removed, so they are compared only in every tenth look. */
const DONE_EVERY = 10;

/** The parts of {@link Looks}. */
export interface LooksParts {
  readonly store: Pick<Store, "changed" | "rows" | "time">;
  /** Requests a read for watchers of the operation. */
  readonly ask: (id: string) => void;
  /** Requests a read for watchers of the collection. */
  readonly askFor: (id: string, parent: string | undefined) => void;
  /**
   * Whether more reads for watchers of collections are allowed. The next look finds skipped records
   * again.
   */
  readonly hasRoom: () => boolean;
  readonly watchers: Watchers;
  readonly collections: Collections;
}

/**
 * Compares watched operations with the table, if other processes change operations without
 * announcing everything. It compares the revisions of known operations, and reads the operations
 * that were started in watched collections since the last look. This needs no index of changes: an
 * operation begins unfinished, and all its changes except the removal come before its end. Without
 * watchers it asks nothing.
 */
export class Looks {
  readonly #parts: LooksParts;
  #count = 0;
  /**
   * The time of the last look for new operations, on the store's clock; undefined if no collection
   * was watched.
   */
  #lookedAt: number | undefined;
  /**
   * Recently started operations that no watcher needs, so that they are not read again. The older
   * half is dropped when the younger half is old.
   */
  #passed = { younger: new Set<string>(), older: new Set<string>(), since: 0 };

  constructor(parts: LooksParts) {
    this.#parts = parts;
  }

  /** Looks for changes. Never rejects: after an error the next look tries again. */
  async look(): Promise<void> {
    const { watchers, collections, ask, askFor, hasRoom } = this.#parts;
    const isDoneToo = this.#count++ % DONE_EVERY === 0;
    for (const id of await this.#changed(watchers.seen)) ask(id);
    for (const id of await this.#changed(collections.seen(isDoneToo)))
      if (hasRoom()) askFor(id, collections.parentOf(id));
    await this.#lookForNew();
  }

  async #changed(seen: readonly Seen[]): Promise<readonly string[]> {
    const changed: string[] = [];
    for (let from = 0; from < seen.length; from += LIMITS.writeBatchMax) {
      const some = seen.slice(from, from + LIMITS.writeBatchMax);
      changed.push(...(await this.#parts.store.changed(some).catch(() => [])));
    }
    return changed;
  }

  async #lookForNew(): Promise<void> {
    const { store, collections } = this.#parts;
    const now = store.time();
    const since = (this.#lookedAt ?? now) - LATE_MS;
    this.#lookedAt = collections.count === 0 ? undefined : now;
    if (collections.count === 0) return;
    this.#agePassed(now);
    let isAllSeen = true;
    try {
      for (const each of collections.watched ?? [collectionOf(WILDCARD)])
        isAllSeen = (await this.#lookIn(each, since)) && isAllSeen;
    } catch {
      isAllSeen = false;
    }
    if (!isAllSeen) this.#lookedAt = since + LATE_MS;
  }

  /** @returns whether there was room for all */
  async #lookIn(collection: Collection, since: number): Promise<boolean> {
    const { store, collections, askFor, hasRoom } = this.#parts;
    const filter = compileFilter(`metadata.createTime >= "${formatTimestamp(since)}"`) ?? null;
    const { younger, older } = this.#passed;
    let after: ListPosition | null = null;
    do {
      const page = { order: DEFAULT_ORDER, after, limit: LIMITS.writeBatchMax };
      const { rows, next } = await store.rows({ collection, filter, ...page });
      for (const { id, parent } of rows) {
        if (collections.isKnown(id) || younger.has(id) || older.has(id)) continue;
        // With patterns, the rows contain all collections.
        if (!collections.has(parent)) continue;
        if (!hasRoom()) return false;
        younger.add(id);
        askFor(id, parent);
      }
      after = next;
    } while (after !== null);
    return true;
  }

  #agePassed(now: number): void {
    const { younger, since } = this.#passed;
    if (now - since > 2 * LATE_MS) this.#passed = { younger: new Set(), older: younger, since: now };
  }
}
