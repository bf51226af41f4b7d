/** The store of a peer. `own` is a folder of files that only the peer understands. */
export type StoreKind = "postgres" | "redis-everysec" | "redis-always" | "sqlite" | "own";

/** A new, empty store for one turn. */
export interface Opened {
  /** Such as `postgres://…`, `redis://…`, or the path of a file or a folder. */
  readonly address: string;
  /** The store's own processes, whose CPU counts; none for an embedded store. */
  readonly pids: readonly number[];
  /** Bytes written to the write-ahead log so far; absent if the store does not count them. */
  logBytes?(): Promise<number>;
  /** Transactions committed so far; absent if the store does not count them. */
  commits?(): Promise<number>;
  /** Bytes on disk, after the clean-up that the store does by itself sooner or later. */
  diskBytes(): Promise<number>;
  close(): Promise<void>;
}

/** Opens the stores of one kind, one after the other. */
export interface StoreServer {
  /** Version and settings, for the output. */
  readonly settings: string;
  open(): Promise<Opened>;
  close(): Promise<void>;
}
