import type { ResourceStore } from "./resource-store.ts";
import type { StatisticsStore } from "./statistics-store.ts";

/** A store with facts about itself, and with the data for operators. */
export interface DescribedStore {
  facts(): Promise<StoreFacts>;
  readonly statistics: StatisticsStore;
  readonly resources: ResourceStore;
}

/** Facts about a store. */
export interface StoreFacts {
  /** The name of the database, such as `PostgreSQL 18.1`. */
  readonly name: string;
  /** The number of its newest migration. */
  readonly schema: number;
}
