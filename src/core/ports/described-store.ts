import type { ResourceStore } from "./resource-store.ts";
import type { StatisticsStore } from "./statistics-store.ts";

/** A store that says what it is, and has what is kept for operators. */
export interface DescribedStore {
  facts(): Promise<StoreFacts>;
  readonly statistics: StatisticsStore;
  readonly resources: ResourceStore;
}

/** What a store is. */
export interface StoreFacts {
  /** Such as `PostgreSQL 18.1`. */
  readonly name: string;
  /** The number of the newest migration that it has. */
  readonly schema: number;
}
