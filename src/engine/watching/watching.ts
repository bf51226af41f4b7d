import { serviceError } from "../../core/error/error.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { LIMITS } from "../../core/limits.ts";
import { isId } from "../../core/operation/id.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { parseCollection } from "../../core/operation/name.ts";
import { withoutBuiltIns } from "../admin/built-in.ts";
import { readFilter } from "../listing/list.ts";
import { type Area, type CollectionWatch, Collections } from "./collections.ts";
import { Looks } from "./looks.ts";
import { Newest } from "./newest.ts";
import { missingError, notFoundError, operationNameOf } from "../missing.ts";
import type { Seats } from "../waiting/seats.ts";
import { FreshReads } from "./fresh-reads.ts";
import type { Watch, Watcher, WatchSetting } from "./watcher.ts";
import { Watchers } from "./watchers.ts";

/** What watching is made with. */
export interface WatchingParts {
  readonly store: Store;
  readonly seats: Seats;
  /** What operations of a method do, as of lists. @default none says so by another word than its name */
  readonly verbs?: ReadonlyMap<string, string> | undefined;
}

/** Which operations are watched. */
export interface WatchRequest {
  /** As of a list. */
  readonly parent: string;
  /** As of a list. */
  readonly filter?: string | undefined;
}

/** A watch of a collection, and the newest of its operations. */
export interface WatchedOperations {
  readonly watch: Watch;
  /** A page of the newest, which may be empty; undefined behind the last. @throws {StatusError} what the store throws */
  readonly next: () => Promise<readonly Operation[] | undefined>;
}

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
  readonly #verbs: ReadonlyMap<string, string>;
  readonly #watchers: Watchers;
  readonly #collections: Collections;
  readonly #looks: Looks;
  readonly #reads: FreshReads;
  #stopped = false;

  constructor(parts: WatchingParts) {
    const { store, seats } = parts;
    this.#store = store;
    this.#verbs = parts.verbs ?? new Map<string, string>();
    this.#watchers = new Watchers(seats);
    this.#collections = new Collections(seats, store.pollMs !== null);
    this.#reads = new FreshReads({
      read: (id) => store.read(id),
      found: (id, operation) => {
        this.#watchers.found(id, operation);
        this.#collections.found(id, operation);
      },
      failed: (id) => {
        this.#watchers.failed(id);
        this.#collections.stop();
      },
    });
    this.#looks = new Looks({
      store,
      reads: this.#reads,
      watchers: this.#watchers,
      collections: this.#collections,
    });
  }

  /** Callers who watch now. */
  get count(): number {
    return this.#watchers.count + this.#collections.count;
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

  /**
   * Tells of the operations of a collection that a filter matches: which are there, then what changes among them.
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
      const page = await newest.next();
      for (const operation of page ?? []) watch.knows(operation);
      if (page === undefined && this.#store.pollMs !== null) await this.#knowUnfinished(area, watch);
      return page;
    };
    try {
      // What is wrong with the store is told before anything else is.
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

  /** What may come to match is compared with the table, too. */
  async #knowUnfinished({ collection }: Area, watch: CollectionWatch): Promise<void> {
    const unfinished = { collection, filter: readFilter("done = false", this.#verbs), filterText: "" };
    for (const operation of (await new Newest(this.#store, unfinished).next()) ?? []) watch.knows(operation);
  }

  /** Records may have changed. */
  notice(changes: readonly Change[]): void {
    if (this.count === 0) return;
    const isFed = this.#collections.count > 0;
    for (const { id } of changes)
      if (this.#watchers.isWatched(id) || (isFed && isId(id))) void this.#reads.ask(id);
    if (isFed && this.#reads.waiting > LIMITS.watchReadsMax) this.#collections.stop();
  }

  /** Compares what is watched with the table. Never rejects. */
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
