import { serviceError } from "../../core/error/error.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { LIMITS } from "../../core/limits.ts";
import { missingError, notFoundError, operationNameOf } from "../missing.ts";
import type { Seats } from "../waiting/seats.ts";
import { FreshReads } from "./fresh-reads.ts";
import type { Watch, Watcher, WatchSetting } from "./watcher.ts";
import { Watchers } from "./watchers.ts";

/** A watch, and the operation as it was found first. */
export interface WatchedOperation {
  readonly watch: Watch;
  readonly operation: Operation;
}

/**
 * Callers who are told of operations as they change.
 *
 * Words: a *watcher* is told how an operation is, never what happened to it: states may be passed over, and no history is
 * kept. Authority: the table. A notice of the store says that a record has changed, and the record is read then, once for
 * all who watch it; where the store does not tell of every change, revisions are compared every `pollMs`. On failure, where a
 * record cannot be read, its watches end, and whoever watches again is told how it is.
 */
export class Watching {
  readonly #store: Store;
  readonly #watchers: Watchers;
  readonly #reads: FreshReads;
  #stopped = false;

  constructor({ store, seats }: { readonly store: Store; readonly seats: Seats }) {
    this.#store = store;
    this.#watchers = new Watchers(seats);
    this.#reads = new FreshReads({
      read: (id) => store.read(id),
      found: (id, operation) => this.#watchers.found(id, operation),
      failed: (id) => this.#watchers.failed(id),
    });
  }

  /** Callers who watch now. */
  get count(): number {
    return this.#watchers.count;
  }

  /**
   * Tells of an operation until it is done or removed.
   *
   * @returns the operation as it was found, which the watcher has been told of too
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED; RESOURCE_EXHAUSTED TOO_MANY_WAITERS;
   *   UNAVAILABLE SHUTTING_DOWN
   */
  async watchOperation(
    name: string,
    watcher: Watcher,
    setting: WatchSetting = {},
  ): Promise<WatchedOperation> {
    const { id, parent } = operationNameOf(name);
    this.#checkRunning();
    const watch = this.#watchers.enter(id, name, watcher, setting);
    try {
      // First, so that an end that comes behind the read is heard of.
      await this.#store.neighbours?.attend(id);
      const operation = await this.#reads.ask(id);
      if (operation === undefined) throw missingError(name, id, this.#store.time());
      if (operation.parent !== parent) throw notFoundError(name);
      return { watch, operation };
    } catch (error) {
      watch.leave();
      throw error;
    }
  }

  /** Records may have changed. */
  notice(changes: readonly Change[]): void {
    if (this.#watchers.count === 0) return;
    for (const { id } of changes) if (this.#watchers.isWatched(id)) void this.#reads.ask(id);
  }

  /** Compares what is watched with the table. Never rejects: a store that is away is looked at again. */
  async look(): Promise<void> {
    const { seen } = this.#watchers;
    for (let from = 0; from < seen.length && !this.#stopped; from += LIMITS.writeBatchMax) {
      const changed = await this.#store
        .changed(seen.slice(from, from + LIMITS.writeBatchMax))
        .catch(() => []);
      for (const id of changed) if (this.#watchers.isWatched(id)) void this.#reads.ask(id);
    }
  }

  /** Ends all watches, now and later. */
  stop(): void {
    this.#stopped = true;
    this.#watchers.stop();
  }

  #checkRunning(): void {
    if (this.#stopped) throw serviceError("SHUTTING_DOWN", "The server is stopping; watch elsewhere.");
  }
}
