/**
 * The port to small things that people configure, such as paused methods. Implemented by SQLite and PostgreSQL.
 *
 * Words: a *kind* says what a resource is, such as `paused-method`; its name is unique within the kind.
 */
export interface ResourceStore {
  /** All of a kind, by name; `limit` at most. */
  list(kind: string, limit: number): Promise<readonly Resource[]>;
  /** Those of a kind that have one of the names, in no order. */
  read(kind: string, names: readonly string[]): Promise<readonly Resource[]>;
  /**
   * Stores a resource in the place of the one that has the revision.
   *
   * @param expected null where there must be none yet
   * @returns the new revision; undefined where another is there by now, and nothing was stored
   */
  put(resource: Omit<Resource, "revision">, expected: number | null): Promise<number | undefined>;
  /** Removes a resource. @returns whether there was one */
  remove(kind: string, name: string): Promise<boolean>;
}

/** A small thing that people configure. */
export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly revision: number;
  /** When something is to be done about it; null for never. */
  readonly dueTime: number | null;
  /** JSON text. */
  readonly value: string;
}
