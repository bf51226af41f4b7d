import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { DEFAULT_ORDER, type ListPosition } from "../../core/list/order.ts";
import { type Collection, collectionOf, WILDCARD } from "../../core/operation/collection.ts";
import type { Seen } from "../../core/ports/seen.ts";
import type { Store } from "../../core/ports/store.ts";
import { formatTimestamp } from "../../core/value/timestamp.ts";
import type { Collections } from "./collections.ts";
import type { FreshReads } from "./fresh-reads.ts";
import type { Watchers } from "./watchers.ts";

/** A start may be committed so long after its id was made, by a process whose clock is that much behind. */
const LATE_MS = 5_000;
/** What is done can be removed only, and is compared each so many looks. */
const DONE_EVERY = 10;

/** What looks are made with. */
export interface LooksParts {
  readonly store: Pick<Store, "changed" | "rows" | "time">;
  readonly reads: Pick<FreshReads, "ask">;
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
    const { watchers, collections, reads } = this.#parts;
    const isDoneToo = this.#count++ % DONE_EVERY === 0;
    for (const seen of [watchers.seen, collections.seen(isDoneToo)])
      for (const id of await this.#changed(seen)) void reads.ask(id);
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
    try {
      for (const each of collections.watched ?? [collectionOf(WILDCARD)]) await this.#lookIn(each, since);
    } catch {
      this.#lookedAt = since + LATE_MS;
    }
  }

  async #lookIn(collection: Collection, since: number): Promise<void> {
    const { store, collections, reads } = this.#parts;
    const filter = compileFilter(`metadata.createTime >= "${formatTimestamp(since)}"`) ?? null;
    const { younger, older } = this.#passed;
    let after: ListPosition | null = null;
    do {
      const page = { order: DEFAULT_ORDER, after, limit: LIMITS.writeBatchMax };
      const { rows, next } = await store.rows({ collection, filter, ...page });
      for (const { id } of rows) {
        if (collections.isKnown(id) || younger.has(id) || older.has(id)) continue;
        younger.add(id);
        void reads.ask(id);
      }
      after = next;
    } while (after !== null);
  }

  #agePassed(now: number): void {
    const { younger, since } = this.#passed;
    if (now - since > 2 * LATE_MS) this.#passed = { younger: new Set(), older: younger, since: now };
  }
}
