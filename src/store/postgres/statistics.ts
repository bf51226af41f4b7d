import type { Database } from "./database.ts";
import { ANALYZE, STATISTICS } from "./statements-service.ts";

/**
 * The number of rows that this process stores between two looks, while the table is small and
 * later.
 */
const ROWS_WHILE_SMALL = 200;
const ROWS = 10_000;
/** The pages of a small table: reading all of it is not much slower than finding a few rows. */
const SMALL = 100;
/**
 * The statistics are outdated when the table has this many times the pages that PostgreSQL knows
 * of.
 */
const GROWN = 4;

/**
 * Makes sure that PostgreSQL knows the size of the table.
 *
 * Statements are planned once (decision 0015), for the size known at that time. If the table was
 * empty when PostgreSQL last analyzed it, the plan is that for an empty table, which reads the
 * whole table for every row of a batch. Autovacuum analyzes it after a minute or more, when it may
 * have a hundred thousand rows. Analyzing the table renews all plans, in all processes.
 *
 * On failure nothing happens: if the role may not analyze the table, autovacuum does so later.
 */
export class Statistics {
  readonly #database: Pick<Database, "query">;
  #stored = 0;
  #nextAt = ROWS_WHILE_SMALL;

  constructor(database: Pick<Database, "query">) {
    this.#database = database;
  }

  /**
   * Records that rows were stored. @returns resolves when a resulting look is done; never rejects
   */
  async stored(count: number): Promise<void> {
    this.#stored += count;
    if (this.#stored < this.#nextAt) return;
    // No second look while this one is in progress.
    this.#nextAt = Number.POSITIVE_INFINITY;
    const pages = await this.#look().catch(() => SMALL);
    this.#nextAt = this.#stored + (pages < SMALL ? ROWS_WHILE_SMALL : ROWS);
  }

  /** @returns the size of the table in pages */
  async #look(): Promise<number> {
    const [row] = await this.#database.query(STATISTICS);
    const [pages, known] = [Number(row?.[0]), Number(row?.[1])];
    if (pages > GROWN * Math.max(known, 1)) await this.#database.query(ANALYZE);
    return pages;
  }
}
