/** A store that says what it is, for operators. */
export interface DescribedStore {
  facts(): Promise<StoreFacts>;
}

/** What a store is. */
export interface StoreFacts {
  /** Such as `PostgreSQL 18.1`. */
  readonly name: string;
  /** The number of the newest migration that it has. */
  readonly schema: number;
}
