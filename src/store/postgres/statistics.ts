import type { Database } from "./database.ts";
import { ANALYZE, STATISTICS } from "./statements-service.ts";

/** Rows that this process stores from one look to the next, while the table is small, and then. */
const ROWS_WHILE_SMALL = 200;
const ROWS = 10_000;
/** Pages of a table that is small: going through all of it is not much slower than finding a few rows. */
const SMALL = 100;
/** The table has grown too far since PostgreSQL looked at it when it has so many times the pages. */
const GROWN = 4;

/**
 * Sees to it that PostgreSQL knows how large the table is.
 *
 * Plans are made once (decision 0015), for the table as it is known then. One that was empty when PostgreSQL last looked at it
 * is taken for empty, and the plan for an empty table goes through all of it for every row of a batch. Autovacuum looks again
 * after a minute or more; by then that is a hundred thousand rows. Looking makes all plans anew, in all processes.
 *
 * On failure nothing happens: where the role may not analyze the table, autovacuum does it in its time.
 */
export class Statistics {
  readonly #database: Pick<Database, "query">;
  #stored = 0;
  #nextAt = ROWS_WHILE_SMALL;

  constructor(database: Pick<Database, "query">) {
    this.#database = database;
  }

  /** Tells that so many rows were stored. @returns resolves when what follows from that is done; never rejects */
  async stored(count: number): Promise<void> {
    this.#stored += count;
    if (this.#stored < this.#nextAt) return;
    // Not again while this look is under way.
    this.#nextAt = Number.POSITIVE_INFINITY;
    const pages = await this.#look().catch(() => SMALL);
    this.#nextAt = this.#stored + (pages < SMALL ? ROWS_WHILE_SMALL : ROWS);
  }

  /** @returns how large the table is, in pages */
  async #look(): Promise<number> {
    const [row] = await this.#database.query(STATISTICS);
    const [pages, known] = [Number(row?.[0]), Number(row?.[1])];
    if (pages > GROWN * Math.max(known, 1)) await this.#database.query(ANALYZE);
    return pages;
  }
}
