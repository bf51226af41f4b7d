import { serviceError } from "../../core/error/error.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { LIMITS } from "../../core/limits.ts";
import { requireOpen } from "../../core/operation/sealed.ts";
import { isId } from "../../core/operation/id.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { parseCollection } from "../../core/operation/name.ts";
import { withoutBuiltIns } from "../admin/built-in.ts";
import { readFilter } from "../listing/list.ts";
import type { Area } from "./areas.ts";
import { type CollectionWatch, Collections } from "./collections.ts";
import { Looks } from "./looks.ts";
import { Newest } from "./newest.ts";
import { missingError, operationNameOf } from "../missing.ts";
import type { Seats } from "../waiting/seats.ts";
import { FreshReads } from "./fresh-reads.ts";
import type { Watch, Watcher, WatchSetting } from "./watcher.ts";
import { Watchers } from "./watchers.ts";

/** The parts of {@link Watching}. */
export interface WatchingParts {
  readonly store: Store;
  readonly seats: Seats;
  /** Verbs of methods, as for lists. @default each method's name */
  readonly verbs?: ReadonlyMap<string, string> | undefined;
}

/** The request of a watch. */
export interface WatchRequest {
  /** Like the parent of a list. */
  readonly parent: string;
  /** Like the filter of a list. */
  readonly filter?: string | undefined;
}

/** A watch of a collection, with the newest operations. */
export interface WatchedOperations {
  readonly watch: Watch;
  /**
   * Returns a page of the newest operations, which may be empty; undefined after the last.
   * @throws {StatusError} the errors of the store
   */
  readonly next: () => Promise<readonly Operation[] | undefined>;
}

/** A watch, with the operation as read first. */
export interface WatchedOperation {
  readonly watch: Watch;
  readonly operation: Operation;
}

/**
 * Watches of operations and collections.
 *
 * A *watcher* receives states of an operation, not a history; states may be skipped. The source of
 * truth is the table: a notice of the store says that a record has changed, and the record is then
 * read once for all its watchers. If the store does not announce every change, revisions are
 * compared every `pollMs`. If a record cannot be read, the watches that may include it end, and the
 * callers have to watch again.
 */
export class Watching {
  readonly #store: Store;
  readonly #verbs: ReadonlyMap<string, string>;
  readonly #watchers: Watchers;
  readonly #collections: Collections;
  readonly #looks: Looks;
  readonly #reads: FreshReads;
  #stopped = false;
  /** The number of removals announced while there were watchers. */
  #removals = 0;

  constructor(parts: WatchingParts) {
    const { store, seats } = parts;
    this.#store = store;
    this.#verbs = parts.verbs ?? new Map<string, string>();
    this.#watchers = new Watchers(seats);
    this.#collections = new Collections(seats, store.pollMs !== null);
    this.#reads = new FreshReads({
      // An undecryptable record is passed on, and refused when it is sent.
      read: (id) => (store.readOrSealed === undefined ? store.read(id) : store.readOrSealed(id)),
      found: (id, operation) => {
        this.#watchers.found(id, operation);
        this.#collections.found(id, operation);
      },
      failed: (id, parent) => {
        this.#watchers.failed(id);
        this.#collections.failed(id, parent);
      },
    });
    this.#looks = new Looks({
      store,
      ask: (id) => void this.#reads.ask(id),
      askFor: (id, parent) => this.#askFor(id, parent),
      hasRoom: () => this.#reads.waiting < LIMITS.watchReadsMax,
      watchers: this.#watchers,
      collections: this.#collections,
    });
  }

  /** The number of watches. */
  get count(): number {
    return this.#watchers.count + this.#collections.count;
  }

  /**
   * Watches an operation until it is done or removed.
   *
   * @returns the operation as read, which the watcher also received
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
      // Before the read, so that an end after it is announced here.
      await this.#store.neighbours?.attend(id);
      const operation = await this.#reads.ask(id);
      if (operation?.parent !== parent) throw missingError(name, id, this.#store.time());
      requireOpen(operation);
      return { watch, operation };
    } catch (error) {
      watch.leave();
      throw error;
    }
  }

  /**
   * Watches the operations of a collection that match a filter: the existing ones, then changes.
   *
   * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID, FILTER_INVALID; RESOURCE_EXHAUSTED TOO_MANY_WAITERS; UNAVAILABLE
   *   SHUTTING_DOWN
   */
  async watchOperations(
    { parent, filter: filterText = "" }: WatchRequest,
    watcher: Watcher,
    setting: WatchSetting = {},
  ): Promise<WatchedOperations> {
    const collection = collectionOf(parseCollection(parent));
    const filter = withoutBuiltIns(collection, readFilter(filterText, this.#verbs));
    this.#checkRunning();
    const area = { collection, filter, filterText };
    const watch = this.#collections.enter(area, watcher, setting);
    const newest = new Newest(this.#store, area);
    const next = async (): Promise<readonly Operation[] | undefined> => {
      const removals = this.#removals;
      const page = await newest.next();
      for (const operation of page ?? []) watch.knows(operation);
      if (page !== undefined && removals !== this.#removals) await this.#readChanged(page);
      if (page === undefined && this.#store.pollMs !== null) await this.#knowUnfinished(area, watch);
      return page;
    };
    try {
      // Read the first page early, so that an error of the store comes before any event.
      let first = await next();
      return {
        watch,
        next: () => {
          if (first === undefined) return next();
          const page = first;
          first = undefined;
          return Promise.resolve(page);
        },
      };
    } catch (error) {
      watch.leave();
      throw error;
    }
  }

  /** Operations that may match later are also compared with the table. */
  async #knowUnfinished({ collection }: Area, watch: CollectionWatch): Promise<void> {
    const unfinished = { collection, filter: readFilter("done = false", this.#verbs), filterText: "" };
    for (const operation of (await new Newest(this.#store, unfinished).next()) ?? []) watch.knows(operation);
  }

  /**
   * After a removal during the read of a page: reads the changed records of the page again, to
   * report removals.
   */
  async #readChanged(page: readonly Operation[]): Promise<void> {
    for (const id of await this.#store.changed(page)) void this.#reads.ask(id);
  }

  /** Handles notices of changed records. */
  notice(changes: readonly Change[]): void {
    if (this.count === 0) return;
    const isFed = this.#collections.count > 0;
    for (const change of changes) {
      const { id, parent, state } = change;
      if (state === null) this.#removals++;
      const isWanted = isFed && this.#isWanted(change);
      if (this.#watchers.isWatched(id)) void this.#reads.ask(id);
      if (isWanted) this.#askFor(id, parent);
    }
    if (isFed) this.#relieve();
  }

  /**
   * Whether watchers of collections may need the change. A removal matters only for remembered
   * operations, or for those being read.
   */
  #isWanted({ id, parent, state }: Change): boolean {
    if (!isId(id)) return false;
    if (this.#collections.isKnown(id) || this.#reads.isAsked(id)) return true;
    return state !== null && (parent === undefined || this.#collections.has(parent));
  }

  /**
   * Reads a record for watchers of collections. If too many reads wait and the parent is unknown,
   * the change is from another process, and the next look finds it.
   */
  #askFor(id: string, known: string | undefined): void {
    const parent = known ?? this.#collections.parentOf(id);
    if (parent !== undefined || this.#reads.waiting < LIMITS.watchReadsMax) void this.#reads.ask(id, parent);
  }

  /** If more records changed than can be read in time, ends the watches that need most of them. */
  #relieve(): void {
    while (this.#reads.waitingWithParent > LIMITS.watchReadsMax) {
      if (!this.#collections.endBusiest(this.#reads.waitingByParent)) return;
      this.#reads.drop(
        (id, parent) => parent === undefined || this.#watchers.isWatched(id) || this.#collections.has(parent),
      );
    }
  }

  /** Compares watched operations with the table. Never rejects. */
  async look(): Promise<void> {
    if (this.count > 0 && !this.#stopped) await this.#looks.look();
  }

  /** Ends all watches, now and later. */
  stop(): void {
    this.#stopped = true;
    this.#watchers.stop();
    this.#collections.stop();
  }

  #checkRunning(): void {
    if (this.#stopped) throw serviceError("SHUTTING_DOWN", "The server is stopping; watch elsewhere.");
  }
}
