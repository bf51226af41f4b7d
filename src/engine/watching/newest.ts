import { LIMITS } from "../../core/limits.ts";
import { DEFAULT_ORDER, type ListPosition } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Area } from "./areas.ts";

/** The most pages that are read for the newest operations, in case a filter matches few. */
const PAGES_MAX = 10;

/**
 * The newest operations of an area, page by page: at most `LIMITS.watchedNewestMax`, within a
 * limited number of pages.
 */
export class Newest {
  readonly #store: Pick<Store, "list">;
  readonly #area: Area;
  #after: ListPosition | null = null;
  #left: number = LIMITS.watchedNewestMax;
  #pagesLeft = PAGES_MAX;

  constructor(store: Pick<Store, "list">, area: Area) {
    this.#store = store;
    this.#area = area;
  }

  /** The next page, which may be empty; undefined after the last. */
  async next(): Promise<readonly Operation[] | undefined> {
    if (this.#left <= 0 || this.#pagesLeft-- <= 0) return undefined;
    const { collection, filter } = this.#area;
    const page = { order: DEFAULT_ORDER, after: this.#after, limit: this.#left, content: "SHOWN" } as const;
    const { operations, next } = await this.#store.list({ collection, filter, ...page });
    this.#after = next;
    this.#left = next === null ? 0 : this.#left - operations.length;
    return operations;
  }
}
