import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { DEFAULT_ORDER, type ListPosition } from "../../core/list/order.ts";
import { type Collection, collectionOf, WILDCARD } from "../../core/operation/collection.ts";
import type { Seen } from "../../core/ports/seen.ts";
import type { Store } from "../../core/ports/store.ts";
import { formatTimestamp } from "../../core/value/timestamp.ts";
import type { Collections } from "./collections.ts";
import type { Watchers } from "./watchers.ts";

/** A start may be committed so long after its id was made, by a process whose clock is that much behind. */
const LATE_MS = 5_000;
/** What is done can be removed only, and is compared each so many looks. */
const DONE_EVERY = 10;

/** What looks are made with. */
export interface LooksParts {
  readonly store: Pick<Store, "changed" | "rows" | "time">;
  /** Reads a record for those who watch it. */
  readonly ask: (id: string) => void;
  /** Reads a record for those who watch the collection. */
  readonly askFor: (id: string, parent: string | undefined) => void;
  /** Whether more may be read for those who watch collections. What finds no room is found again by the next look. */
  readonly hasRoom: () => boolean;
  readonly watchers: Watchers;
  readonly collections: Collections;
}

/**
 * Compares what is watched with the table, where other processes change operations and do not tell of everything: the revisions of
 * what is known, and in watched collections what was begun since the last look. There is no index of changes and none is needed: an
 * operation begins unfinished, and all of its changes but the removal come before its end. Nothing is asked while nobody watches.
 */
export class Looks {
  readonly #parts: LooksParts;
  #count = 0;
  /** Up to when what was begun has been looked at, on the store's clock; undefined where no collection was watched. */
  #lookedAt: number | undefined;
  /** What was begun lately and is known to nobody: it has been read. The older half goes when the younger is old. */
  #passed = { younger: new Set<string>(), older: new Set<string>(), since: 0 };

  constructor(parts: LooksParts) {
    this.#parts = parts;
  }

  /** Asks for what has changed. Never rejects: a store that is away is looked at again. */
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
        // Where there are patterns, all there is is looked at.
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
