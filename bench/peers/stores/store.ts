/** Where a peer keeps its operations. `own` is a folder of files that only the peer understands. */
export type StoreKind = "postgres" | "redis-everysec" | "redis-always" | "sqlite" | "own";

/** A new, empty store for one turn. */
export interface Opened {
  /** Such as `postgres://…`, `redis://…`, or the path of a file or a folder. */
  readonly address: string;
  /** The store's own processes, whose CPU counts; none for an embedded store. */
  readonly pids: readonly number[];
  /** Bytes written to the write-ahead log so far. Absent where nobody counts them. */
  logBytes?(): Promise<number>;
  /** Transactions committed so far. Absent where nobody counts them. */
  commits?(): Promise<number>;
  /** Bytes on disk, tidied up first as far as the store does that by itself sooner or later. */
  diskBytes(): Promise<number>;
  close(): Promise<void>;
}

/** Opens the stores of one kind, one after the other. */
export interface StoreServer {
  /** Version and settings, as they are printed. */
  readonly settings: string;
  open(): Promise<Opened>;
  close(): Promise<void>;
}
