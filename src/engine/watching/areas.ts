import { serviceError } from "../../core/error/error.ts";
import type { Filter } from "../../core/filter/filter.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Collection, includesParent } from "../../core/operation/collection.ts";
import type { WatchSetting } from "./watcher.ts";

/** The watched operations: a collection and a filter. */
export interface Area {
  readonly collection: Collection;
  /** Null for all. */
  readonly filter: Filter | null;
  /** The filter as the caller wrote it. */
  readonly filterText: string;
}

/** A stored area. */
export interface KeptArea extends Area {
  readonly key: string;
  /** The first caller that watched it, to which it counts. */
  readonly owner: unknown;
}

/** The most collections that are read one by one. */
const LOOKS_MAX = 16;

/** The watched areas of a process, with their limits. */
export class Areas<Kept extends KeptArea> {
  readonly #byParent = new Map<string, Map<string, Kept>>();
  readonly #wide = new Map<string, Kept>();

  /** The watched collections; undefined if there are so many that reading all is cheaper. */
  get collections(): readonly Collection[] | undefined {
    if (this.#wide.size > 0 || this.#byParent.size > LOOKS_MAX) return undefined;
    return [...this.#byParent.keys()].map((parent) => ({ parent, isWide: false }));
  }

  /**
   * Returns the existing area, or creates and stores a new one.
   *
   * An owner can use only a part of the free filters: {@link LIMITS.watchedFiltersShare}.
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WAITERS
   */
  findOr(area: Area, setting: WatchSetting, make: (area: KeptArea) => Kept): Kept {
    const { parent, isWide } = area.collection;
    const siblings = isWide ? this.#wide : (this.#byParent.get(parent) ?? new Map<string, Kept>());
    const key = JSON.stringify([parent, area.filterText]);
    const known = siblings.get(key);
    if (known !== undefined) return known;
    const owner = ownerOf(area, setting);
    checkRoom(siblings, owner);
    const made = make({ ...area, key, owner });
    siblings.set(key, made);
    if (!isWide) this.#byParent.set(parent, siblings);
    return made;
  }

  delete({ collection: { parent, isWide }, key }: Kept): void {
    const siblings = isWide ? this.#wide : this.#byParent.get(parent);
    siblings?.delete(key);
    if (siblings?.size === 0) this.#byParent.delete(parent);
  }

  /** Whether operations of a parent are watched. */
  has(parent: string): boolean {
    return this.of(parent).next().done !== true;
  }

  /** The areas that operations of a parent may belong to. */
  *of(parent: string): Generator<Kept> {
    yield* this.#byParent.get(parent)?.values() ?? [];
    for (const area of this.#wide.values()) if (includesParent(area.collection, parent)) yield area;
  }

  *all(): Generator<Kept> {
    for (const siblings of this.#byParent.values()) yield* siblings.values();
    yield* this.#wide.values();
  }

  /**
   * The area to which most of some operations may belong. @param counts the number of operations of
   * each parent
   */
  busiest(counts: ReadonlyMap<string, number>): Kept | undefined {
    const sums = new Map<Kept, number>();
    for (const [parent, count] of counts)
      for (const area of this.of(parent)) sums.set(area, (sums.get(area) ?? 0) + count);
    let busiest: Kept | undefined;
    for (const [area, sum] of sums)
      if (busiest === undefined || sum > (sums.get(busiest) ?? 0)) busiest = area;
    return busiest;
  }
}

/**
 * The owner of a pattern is the tenant, and of one collection the caller. For anonymous callers it
 * is the connection.
 */
function ownerOf({ collection }: Area, { caller, connection }: WatchSetting): unknown {
  return (collection.isWide ? caller?.tenant : null) ?? caller?.principal ?? connection;
}

function checkRoom(siblings: ReadonlyMap<string, KeptArea>, owner: unknown): void {
  const { watchedFiltersMax, watchedFiltersShare } = LIMITS;
  const left = watchedFiltersMax - siblings.size;
  let own = 0;
  if (owner !== undefined) for (const each of siblings.values()) if (each.owner === owner) own++;
  if (left > 0 && own < Math.max(1, left / watchedFiltersShare)) return;
  throw serviceError(
    "TOO_MANY_WAITERS",
    `${siblings.size} of ${watchedFiltersMax} filters on this collection are watched, ${own} of them first by this caller, and no ` +
      "more of its own may be; watch it with one of those, or list it.",
  );
}
