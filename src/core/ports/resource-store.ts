/**
 * The port to small configured resources, such as paused methods. Implemented by SQLite and
 * PostgreSQL.
 *
 * Words: a *kind* is the type of a resource, such as `paused-method`; names are unique within a
 * kind.
 */
export interface ResourceStore {
  /** All resources of a kind, by name; at most `limit`. */
  list(kind: string, limit: number): Promise<readonly Resource[]>;
  /** The resources of a kind with these names, in no order. */
  read(kind: string, names: readonly string[]): Promise<readonly Resource[]>;
  /**
   * Creates a resource, or replaces the one with the expected revision.
   *
   * @param expected null if it must not exist yet
   * @returns the new revision; undefined after a conflict, and then nothing was stored
   */
  put(resource: Omit<Resource, "revision">, expected: number | null): Promise<number | undefined>;
  /** Removes a resource. @returns whether there was one */
  remove(kind: string, name: string): Promise<boolean>;
  /**
   * Removes those of a kind whose due time is not after an instant, the earliest first; `limit` at most.
   *
   * @returns how many were removed; fewer than `limit`: there are no more
   */
  removeDue(kind: string, time: number, limit: number): Promise<number>;
}

/** A small configured object. */
export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly revision: number;
  /** The time of the next action on it; null for never. */
  readonly dueTime: number | null;
  /** JSON text. */
  readonly value: string;
}
