/**
 * A transaction on a caller's own connection: of the package `postgres` (the argument of
 * `sql.begin`'s function), of `pg` (a client after BEGIN), or of any other driver, wrapped in an
 * object with `query` that returns rows as arrays, or as objects in the order of the columns.
 */
export type CallerTransaction =
  | { unsafe(text: string, parameters: (string | null)[]): PromiseLike<readonly unknown[]> }
  | { query(text: string, parameters: (string | null)[]): Promise<{ readonly rows: readonly unknown[] }> };
