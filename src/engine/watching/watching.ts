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
 * record cannot be read, the watches end that may have to be told of it, and whoever watches again is told how it is.
 */
export class Watching {
  readonly #store: Store;
  readonly #verbs: ReadonlyMap<string, string>;
  readonly #watchers: Watchers;
  readonly #collections: Collections;
  readonly #looks: Looks;
  readonly #reads: FreshReads;
  #stopped = false;
  /** Removals that were told of while somebody watched. */
  #removals = 0;

  constructor(parts: WatchingParts) {
    const { store, seats } = parts;
    this.#store = store;
    this.#verbs = parts.verbs ?? new Map<string, string>();
    this.#watchers = new Watchers(seats);
    this.#collections = new Collections(seats, store.pollMs !== null);
    this.#reads = new FreshReads({
      // What cannot be opened is told, and refused where it would be shown.
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
      if (operation?.parent !== parent) throw missingError(name, id, this.#store.time());
      requireOpen(operation);
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
      const removals = this.#removals;
      const page = await newest.next();
      for (const operation of page ?? []) watch.knows(operation);
      if (page !== undefined && removals !== this.#removals) await this.#readChanged(page);
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

  /** Of a page that was read while something was removed, what was removed is told, too. */
  async #readChanged(page: readonly Operation[]): Promise<void> {
    for (const id of await this.#store.changed(page)) void this.#reads.ask(id);
  }

  /** Records may have changed. */
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

  /** Whether those who watch collections may have to be told. A removal is told of what is remembered, or is just being read. */
  #isWanted({ id, parent, state }: Change): boolean {
    if (!isId(id)) return false;
    if (this.#collections.isKnown(id) || this.#reads.isAsked(id)) return true;
    return state !== null && (parent === undefined || this.#collections.has(parent));
  }

  /**
   * Reads a record for those who watch collections. Where too many wait and the parent is not known, it is of another
   * process, and the next look learns of it.
   */
  #askFor(id: string, known: string | undefined): void {
    const parent = known ?? this.#collections.parentOf(id);
    if (parent !== undefined || this.#reads.waiting < LIMITS.watchReadsMax) void this.#reads.ask(id, parent);
  }

  /** Where more has changed than is read in time, those who watch most of it begin anew, and nobody else. */
  #relieve(): void {
    while (this.#reads.waitingWithParent > LIMITS.watchReadsMax) {
      if (!this.#collections.endBusiest(this.#reads.waitingByParent)) return;
      this.#reads.drop(
        (id, parent) => parent === undefined || this.#watchers.isWatched(id) || this.#collections.has(parent),
      );
    }
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
