/**
 * A transaction on a connection of the caller's: of the package `postgres` (what `sql.begin` hands over), or of `pg` (a client
 * on which BEGIN was sent), or of any other driver behind an object with `query`, whose rows are arrays or objects in the
 * order of the columns.
 */
export type CallerTransaction =
  | { unsafe(text: string, parameters: (string | null)[]): PromiseLike<readonly unknown[]> }
  | { query(text: string, parameters: (string | null)[]): Promise<{ readonly rows: readonly unknown[] }> };
