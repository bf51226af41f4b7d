import { systemClock } from "../../core/ports/clock.ts";
import { shuttingDown } from "../fault.ts";
import type { Cell } from "./array.ts";
import { answerTimeout } from "./fault.ts";
import { Pool } from "./pool.ts";
import type { Query, Row, SessionOptions } from "./session.ts";
import { STATEMENT_TIMEOUT_MS } from "./statements-session.ts";

export type { Query, Row } from "./session.ts";

/** Options for reaching a database. */
export interface DatabaseOptions extends SessionOptions {
  /** The most connections. */
  readonly connections: number;
}

/** After this time the database has cancelled the statement, or its connection is dead. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1_000;
const GRACE_MS = 500;

/**
 * Connections to PostgreSQL, with the detection of dead ones.
 *
 * A network that drops all packets never closes a connection, and statements would wait for ever.
 * So every statement has a deadline. If one is missed, all connections are closed and new ones
 * opened; running statements fail with an unknown outcome.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #pool: Pool;
  #closed = false;

  /** @throws {TypeError} for an invalid address */
  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#pool = new Pool(options);
  }

  /**
   * Executes one statement in its own transaction. Rejects with the error of the database, the
   * driver or the network.
   */
  query(text: string, parameters: readonly Cell[] = []): Promise<readonly Row[]> {
    return this.#answered((pool) => pool.query(text, parameters));
  }

  /**
   * As `query`, for a text that depends on a caller's request: a session prepares at most
   * `LIMITS.listStatementsMax` of them.
   */
  queryComposed(text: string, parameters: readonly Cell[]): Promise<readonly Row[]> {
    return this.#answered((pool) => pool.query(text, parameters, true));
  }

  /** Statements in one transaction, which is rolled back if `run` rejects. */
  transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#answered((pool) => pool.transaction(run));
  }

  /** Closes all connections after the running statements. Rejects later statements. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.end();
  }

  async #answered<Result>(ask: (pool: Pool) => Promise<Result>): Promise<Result> {
    // Otherwise the ended pool would seem broken and be replaced by a new one that nothing closes.
    if (this.#closed) throw shuttingDown();
    const pool = this.#pool;
    if (this.#options.patient === true) return ask(pool);
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => {
      reject(answerTimeout());
      this.#replace(pool);
    };
    // If this process was the one that stalled, the answer has arrived and only needs to be read.
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
