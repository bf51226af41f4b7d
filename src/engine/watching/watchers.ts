import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { Seen } from "../../core/ports/seen.ts";
import { Bag } from "../../core/value/bag.ts";
import type { Seats } from "../waiting/seats.ts";
import type { Watch, Watcher, WatchSetting } from "./watcher.ts";

const BY_ID = Symbol("watcher by id");

/** A watched operation. */
interface Watched {
  readonly id: string;
  readonly watchers: Bag<Place>;
  /** The newest revision that the watchers received; 0 before the first. */
  revision: number;
}

/**
 * The watchers of single operations. Each costs a seat and an entry in a set, but no query and no
 * timer. All watchers of an operation receive the same record, and no revision twice. The end or
 * the removal is the last message.
 */
export class Watchers {
  readonly #seats: Seats;
  readonly #byId = new Map<string, Watched>();
  #count = 0;

  constructor(seats: Seats) {
    this.#seats = seats;
  }

  get count(): number {
    return this.#count;
  }

  /** The watched operations, with the revisions that the watchers received. */
  get seen(): readonly Seen[] {
    return [...this.#byId.values()];
  }

  isWatched(id: string): boolean {
    return this.#byId.has(id);
  }

  /**
   * Adds a watcher. Enter before you read, so that no change in between is missed.
   *
   * @param name the name for the watcher if the operation is removed
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WAITERS
   */
  enter(id: string, name: string, watcher: Watcher, { connection }: WatchSetting): Watch {
    this.#seats.take(connection);
    const place = new Place(this, { id, name, watcher, connection });
    const watched = this.#byId.get(id);
    if (watched === undefined) this.#byId.set(id, { id, watchers: new Bag(BY_ID, place), revision: 0 });
    else watched.watchers.add(place);
    this.#count++;
    return place;
  }

  /** Handles the result of a read. */
  found(id: string, operation: Operation | undefined): void {
    const watched = this.#byId.get(id);
    if (watched === undefined) return;
    watched.revision = Math.max(watched.revision, operation?.revision ?? 0);
    for (const place of watched.watchers) {
      if (operation === undefined) this.#endWith(place, () => place.watcher.removed(place.name));
      else if (isDone(operation)) this.#endWith(place, () => place.watcher.changed(operation));
      else place.show(operation);
    }
  }

  /** Ends the watches of an unreadable operation. */
  failed(id: string): void {
    for (const place of this.#byId.get(id)?.watchers ?? []) this.#endWith(place, () => place.watcher.ended());
  }

  /** Ends all watches. */
  stop(): void {
    for (const id of this.#byId.keys()) this.failed(id);
  }

  has(place: Place): boolean {
    return this.#byId.get(place.id)?.watchers.has(place) === true;
  }

  /** Removes a place. May be called repeatedly. */
  forget(place: Place): void {
    const watched = this.#byId.get(place.id);
    if (watched?.watchers.delete(place) !== true) return;
    if (watched.watchers.size === 0) this.#byId.delete(place.id);
    this.#count--;
    this.#seats.leave(place.connection);
    place.onOver?.();
  }

  #endWith(place: Place, tell: () => void): void {
    this.forget(place);
    tell();
  }
}

/** One watcher. It is also its own watch, to save an object per watcher. */
class Place implements Watch {
  readonly id: string;
  readonly name: string;
  readonly watcher: Watcher;
  readonly connection: object | undefined;
  readonly #watchers: Watchers;
  #revision = 0;
  onOver: (() => void) | undefined;

  constructor(
    watchers: Watchers,
    { id, name, watcher, connection }: WatchSetting & Pick<Place, "id" | "name" | "watcher">,
  ) {
    this.id = id;
    this.name = name;
    this.watcher = watcher;
    this.connection = connection;
    this.#watchers = watchers;
  }

  get isOver(): boolean {
    return !this.#watchers.has(this);
  }

  leave(): void {
    this.#watchers.forget(this);
  }

  show(operation: Operation): void {
    if (operation.revision <= this.#revision) return;
    this.#revision = operation.revision;
    this.watcher.changed(operation);
  }
}
