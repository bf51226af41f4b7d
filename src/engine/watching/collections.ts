import { StatusError } from "../../core/error/error.ts";
import { FilteredRecord } from "../../core/filter/filtered-record.ts";
import { matchesRecord } from "../../core/filter/matches.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Collection } from "../../core/operation/collection.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { Seen } from "../../core/ports/seen.ts";
import { Bag } from "../../core/value/bag.ts";
import type { Seats } from "../waiting/seats.ts";
import { type Area, Areas, type KeptArea } from "./areas.ts";
import type { Watch, Watcher, WatchSetting } from "./watcher.ts";

const BY_COLLECTION = Symbol("watcher by collection");

/** An area, its watchers, and the operations that they may have received. */
interface Watched extends KeptArea {
  readonly watchers: Bag<Place>;
  /** Ids, oldest first. */
  readonly members: Set<string>;
}

/** An operation that a watcher received, or receives when it changes. */
interface Known extends Seen {
  readonly id: string;
  readonly parent: string;
  revision: number;
  isDone: boolean;
  /** The areas that have it as a member, and whether it matches there. */
  readonly areas: Map<Watched, boolean>;
}

/**
 * The watchers of collections share one feed per process. A changed record is read once, compared
 * once with each filter, and sent to the matching watchers. Watchers of the same collection and
 * filter share the list of sent operations. With this list the feed reports operations that no
 * longer match.
 *
 * The lists are limited: to the last `LIMITS.watchedMembersMax` operations per area, and to
 * `LIMITS.watchedMembersAllMax` for all areas. The removal of older operations is not reported.
 */
export class Collections {
  readonly #seats: Seats;
  /**
   * Whether other processes change operations without an announcement. Then unfinished operations
   * that do not match yet are also remembered.
   */
  readonly #isCompared: boolean;
  readonly #areas = new Areas<Watched>();
  readonly #known = new Map<string, Known>();
  #count = 0;

  constructor(seats: Seats, isCompared: boolean) {
    this.#seats = seats;
    this.#isCompared = isCompared;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The remembered versions of operations: those that may still change, or also those that can only
   * be removed.
   */
  seen(isDoneToo: boolean): readonly Seen[] {
    return [...this.#known.values()].filter(({ isDone: done }) => isDoneToo || !done);
  }

  /** The parent of a remembered operation. */
  parentOf(id: string): string | undefined {
    return this.#known.get(id)?.parent;
  }

  isKnown(id: string): boolean {
    return this.#known.has(id);
  }

  /** Whether operations of a parent are watched. */
  has(parent: string): boolean {
    return this.#areas.has(parent);
  }

  /** As {@link Areas.collections}. */
  get watched(): readonly Collection[] | undefined {
    return this.#areas.collections;
  }

  /**
   * Adds a watcher, which receives all later changes.
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WAITERS
   */
  enter(area: Area, watcher: Watcher, setting: WatchSetting): CollectionWatch {
    const { connection } = setting;
    this.#seats.check(connection);
    const watched = this.#areas.findOr(area, setting, (kept) => ({
      ...kept,
      watchers: new Bag<Place>(BY_COLLECTION),
      members: new Set<string>(),
    }));
    this.#seats.take(connection);
    const place = new Place(this, { watched, watcher, connection });
    watched.watchers.add(place);
    this.#count++;
    return place;
  }

  /** Handles the result of a read. */
  found(id: string, operation: Operation | undefined): void {
    if (this.#count === 0) return;
    if (operation === undefined) this.#gone(id);
    else this.show(operation);
  }

  /** Sends the current state of an operation. @param except the watcher that already has it */
  show(operation: Operation, except?: Place): void {
    const { id, parent, revision } = operation;
    const record = new FilteredRecord(operation);
    const before = this.#known.get(id);
    if (before !== undefined && before.revision > revision) return;
    const isNews = before === undefined || before.revision < revision;
    const known = before ?? { id, parent, revision, isDone: false, areas: new Map() };
    known.revision = revision;
    known.isDone = isDone(operation);
    for (const watched of this.#areas.of(parent)) {
      const didMatch = known.areas.get(watched) === true;
      const isMatch = mayMatch(watched, record);
      if (isMatch || (this.#isCompared && !known.isDone)) this.#remember(known, watched, isMatch);
      else this.#forget(known, watched);
      if (isMatch && (isNews || !didMatch)) tell(watched, (watcher) => watcher.changed(operation), except);
      if (!isMatch && didMatch) tell(watched, (watcher) => watcher.removed(record.name), except);
    }
  }

  /** Ends the watches that may include an unreadable operation. */
  failed(id: string, parent = this.parentOf(id)): void {
    if (parent !== undefined) for (const watched of this.#areas.of(parent)) end(watched);
  }

  /** Ends the watches that need most of the given operations. @returns whether there were any */
  endBusiest(counts: ReadonlyMap<string, number>): boolean {
    const watched = this.#areas.busiest(counts);
    if (watched !== undefined) end(watched);
    return watched !== undefined;
  }

  /** Ends all watches. */
  stop(): void {
    for (const watched of this.#areas.all()) end(watched);
  }

  /** Removes a place. May be called repeatedly. */
  forget(place: Place): void {
    const { watched } = place;
    if (!watched.watchers.delete(place)) return;
    this.#count--;
    this.#seats.leave(place.connection);
    place.onOver?.();
    if (watched.watchers.size > 0) return;
    for (const id of watched.members) {
      const known = this.#known.get(id);
      if (known !== undefined) this.#forget(known, watched);
    }
    this.#areas.delete(watched);
  }

  #gone(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    for (const [watched, isMatch] of known.areas) {
      this.#forget(known, watched);
      if (isMatch) tell(watched, (watcher) => watcher.removed(formatName(known)));
    }
  }

  #remember(known: Known, watched: Watched, isMatch: boolean): void {
    known.areas.set(watched, isMatch);
    watched.members.add(known.id);
    this.#known.set(known.id, known);
    const { watchedMembersMax, watchedMembersAllMax } = LIMITS;
    if (watched.members.size <= watchedMembersMax && this.#known.size <= watchedMembersAllMax) return;
    const [oldest = ""] = watched.members;
    const forgotten = this.#known.get(oldest);
    if (forgotten !== undefined) this.#forget(forgotten, watched);
  }

  #forget(known: Known, watched: Watched): void {
    watched.members.delete(known.id);
    known.areas.delete(watched);
    if (known.areas.size === 0) this.#known.delete(known.id);
  }
}

/** A watch of a collection. */
export interface CollectionWatch extends Watch {
  /** Records an operation that the watcher already received, and sends it to the other watchers. */
  knows(operation: Operation): void;
}

/** The place of one watcher. */
class Place implements CollectionWatch {
  readonly watched: Watched;
  readonly watcher: Watcher;
  readonly connection: object | undefined;
  readonly #collections: Collections;
  onOver: (() => void) | undefined;

  constructor(
    collections: Collections,
    { watched, watcher, connection }: WatchSetting & Pick<Place, "watched" | "watcher">,
  ) {
    this.watched = watched;
    this.watcher = watcher;
    this.connection = connection;
    this.#collections = collections;
  }

  get isOver(): boolean {
    return !this.watched.watchers.has(this);
  }

  knows(operation: Operation): void {
    if (!this.isOver) this.#collections.show(operation, this);
  }

  leave(): void {
    this.#collections.forget(this);
  }
}

function tell(watched: Watched, what: (watcher: Watcher) => void, except?: Place): void {
  for (const place of watched.watchers) if (place !== except) what(place.watcher);
}

function end(watched: Watched): void {
  for (const place of watched.watchers) {
    place.leave();
    place.watcher.ended();
  }
}

/**
 * Whether a filter matches, or cannot be evaluated because the record is unreadable; sending it
 * then reports the error.
 */
function mayMatch({ filter }: Watched, record: FilteredRecord): boolean {
  try {
    return filter === null || matchesRecord(filter, record);
  } catch (error) {
    if (error instanceof StatusError) return true;
    throw error;
  }
}
