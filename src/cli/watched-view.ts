import type { ClientOperation, CollectionEvent } from "../client/index.ts";

/** Operations kept beyond the shown ones, which move up when a shown one is removed. */
const SPARE = 1_000;

/**
 * The newest operations of a watched collection, from the events of its watch.
 *
 * Ids sort by the time of their creation, so the newest is the one with the largest id.
 */
export class ListView {
  readonly #limit: number;
  #operations = new Map<string, ClientOperation>();
  #ends = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether all operations that are there at the beginning have come. */
  get isWhole(): boolean {
    return this.#ends > 0;
  }

  /** @returns `again` if the stream was broken and has begun again: operations may have gone unnoticed */
  take(event: CollectionEvent): "again" | undefined {
    switch (event.kind) {
      case "operation":
        this.#operations.set(event.operation.name, event.operation);
        if (this.#operations.size > this.#limit + 2 * SPARE) this.#keep(this.#newest(this.#limit + SPARE));
        return undefined;
      case "removed":
        this.#operations.delete(event.name);
        return undefined;
      case "initialEnd":
        return this.#ends++ === 0 ? undefined : "again";
    }
  }

  /** Replaces everything. */
  replace(operations: readonly ClientOperation[]): void {
    this.#keep(operations);
  }

  /** The newest, at most as many as the limit, newest first. */
  operations(): readonly ClientOperation[] {
    return this.#newest(this.#limit);
  }

  #newest(count: number): readonly ClientOperation[] {
    const byId = [...this.#operations.values()].map((each) => [idOf(each), each] as const);
    byId.sort(([a], [b]) => (a < b ? 1 : -1));
    return byId.slice(0, count).map(([, each]) => each);
  }

  #keep(operations: readonly ClientOperation[]): void {
    this.#operations = new Map(operations.map((each) => [each.name, each]));
  }
}

function idOf({ name }: ClientOperation): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
