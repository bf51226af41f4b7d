import { systemClock } from "../../core/ports/clock.ts";
import { shuttingDown } from "../fault.ts";
import type { Cell } from "./array.ts";
import { answerTimeout } from "./fault.ts";
import { Pool } from "./pool.ts";
import type { Query, Row, SessionOptions } from "./session.ts";
import { STATEMENT_TIMEOUT_MS } from "./statements-session.ts";

export type { Query, Row } from "./session.ts";

/** How a database is reached. */
export interface DatabaseOptions extends SessionOptions {
  /** Connections at the most. */
  readonly connections: number;
}

/** A statement that takes longer has been stopped by the database, or its connection is dead. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1_000;
const GRACE_MS = 500;

/**
 * Connections to PostgreSQL, and what to do when one of them is dead and does not know it.
 *
 * A network that swallows everything never ends a connection, and whatever waits for it waits for ever. So every statement
 * has an instant by which it is answered; where one is not, all connections are thrown away, with everything that is under way
 * on them, and new ones are made. What was under way is answered with an error whose outcome is unknown.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #pool: Pool;
  #closed = false;

  /** @throws {TypeError} for an address that cannot be one */
  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#pool = new Pool(options);
  }

  /** One statement in a transaction of its own. Rejects with the error of the database, the driver or the network. */
  query(text: string, parameters: readonly Cell[] = []): Promise<readonly Row[]> {
    return this.#answered((pool) => pool.query(text, parameters));
  }

  /** As `query`, for a text whose shape is a caller's: a session prepares `LIMITS.listStatementsMax` of them. */
  queryComposed(text: string, parameters: readonly Cell[]): Promise<readonly Row[]> {
    return this.#answered((pool) => pool.query(text, parameters, true));
  }

  /** Statements in one transaction, which is rolled back if `run` rejects. */
  transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#answered((pool) => pool.transaction(run));
  }

  /** Ends all connections; statements that are under way are waited for, and none comes after. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.end();
  }

  async #answered<Result>(ask: (pool: Pool) => Promise<Result>): Promise<Result> {
    // A pool that has ended would be taken for one that is broken, and the next one would be ended by nobody.
    if (this.#closed) throw shuttingDown();
    const pool = this.#pool;
    if (this.#options.patient === true) return ask(pool);
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => {
      reject(answerTimeout());
      this.#replace(pool);
    };
    // Where it was this process that stood still, the answer has come and is only waiting to be read.
    let timer = systemClock.after(ANSWER_TIMEOUT_MS, () => {
      timer = systemClock.after(GRACE_MS, giveUp);
    });
    try {
      return await Promise.race([ask(pool), promise]);
    } finally {
      timer.cancel();
    }
  }

  #replace(dead: Pool): void {
    if (dead !== this.#pool) return;
    if (!this.#closed) this.#pool = new Pool(this.#options);
    dead.destroy();
  }
}
