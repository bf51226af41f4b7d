import { connect, isIP, type Socket } from "node:net";
import postgres from "postgres";
import { systemClock } from "../../core/clock.ts";
import { StatusError } from "../../core/error.ts";
import { shuttingDown, storeUnavailable } from "../fault.ts";
import type { Cell } from "./array.ts";
import { silence } from "./fault.ts";
import { LOCK_TIMEOUT_MS } from "./statements.ts";

/** A row as the database sent it, in the order of its columns: integers as numbers, the rest as PostgreSQL's text. */
export type Row = readonly unknown[];

/** Runs one statement. Parameters are in the order of their numbers. */
export type Query = (text: string, parameters?: readonly Cell[]) => Promise<readonly Row[]>;

/** How a database is reached. */
export interface DatabaseOptions {
  /** `postgres://…`. What its query says is a setting of the session, such as `search_path`. */
  readonly address: string;
  /** Connections at the most. */
  readonly connections: number;
  /** Every transaction is serializable, for databases that know nothing else. @default what the database has */
  readonly serializable?: boolean;
  /** Waits for every answer, however long it takes: for migrations. @default false */
  readonly patient?: boolean;
}

/** A statement that takes longer has been stopped by the database (`statement_timeout`), or its connection is dead. */
const STATEMENT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 6_000;
const GRACE_MS = 500;
const TIMEOUTS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: 2 * STATEMENT_TIMEOUT_MS,
};
/**
 * Every statement is made for one plan, along its index, and making the plan takes longer than carrying it out: it is made
 * once. A table that has just been filled has no statistics yet; with them missing, the planner would read all of it.
 */
const PLANS = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
  // How large the table is, and roughly what is in it, is all that a plan needs; more takes a tenth of a second to look at.
  default_statistics_target: 10,
};
const CONNECT_TIMEOUT_SECONDS = 3;
/** A connection that was refused is tried again after this: an outage must not be longer for us than it was. */
const RECONNECT_SECONDS = 0.1;
const KEEP_ALIVE_SECONDS = 15;
const INT8 = 20;

/**
 * A pool of connections to PostgreSQL, and what to do when one of them is dead and does not know it.
 *
 * A network that swallows everything never ends a connection, and whatever waits for it waits for ever. So every statement
 * has an instant by which it is answered; where one is not, all connections are thrown away, with everything that is under way
 * on them, and new ones are made. What was under way is answered with an error whose outcome is unknown.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #pool: Pool;
  #closed = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#pool = new Pool(options);
  }

  /** One statement in a transaction of its own. Rejects with the error of the database, the driver or the network. */
  query(text: string, parameters: readonly Cell[] = []): Promise<readonly Row[]> {
    return this.#answered((pool) => pool.query(text, parameters));
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
      reject(silence());
      this.#replace(pool);
    };
    // Where it was this process that stood still, the answer has come and is only waiting to be read.
    let timer = systemClock.after(ANSWER_TIMEOUT_MS, () => {
      timer = systemClock.after(GRACE_MS, giveUp);
    });
    pool.underWay++;
    try {
      return await Promise.race([ask(pool), promise]);
    } catch (error) {
      // The driver may leave a connection that ended half way in a state from which it never comes back, so that none is used
      // again; what is under way on the others goes on.
      if (isOfConnection(error) && pool === this.#pool && !this.#closed) this.#pool = new Pool(this.#options);
      throw error;
    } finally {
      timer.cancel();
      pool.underWay--;
      if (pool !== this.#pool && pool.underWay === 0) pool.destroy();
    }
  }

  #replace(dead: Pool): void {
    if (dead !== this.#pool) return;
    if (!this.#closed) this.#pool = new Pool(this.#options);
    dead.destroy();
  }
}

/** Connections that live and die together. */
class Pool {
  readonly #sql: postgres.Sql;
  readonly #sockets: Sockets;
  /** Statements and transactions that wait for their answers. */
  underWay = 0;

  constructor(options: DatabaseOptions) {
    this.#sockets = new Sockets();
    this.#sql = openDriver(options, this.#sockets);
  }

  query(text: string, parameters: readonly Cell[]): Promise<readonly Row[]> {
    return rowsOf(this.#sql, text, parameters);
  }

  async transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    const result = await this.#sql.begin(async (sql) => ({
      of: await run((text, parameters = []) => rowsOf(sql, text, parameters)).catch((error: unknown) =>
        // The driver would send a rollback, and ends the process where there is no connection to send it over. It rejects the
        // transaction by itself when it learns of the end.
        isOfConnection(error) ? new Promise<never>(() => {}) : Promise.reject(error),
      ),
    }));
    return (result as { readonly of: Result }).of;
  }

  end(): Promise<void> {
    return this.#sql.end({ timeout: ANSWER_TIMEOUT_MS / 1_000 });
  }

  destroy(): void {
    void this.#sql.end({ timeout: 0 }).catch(() => {});
    this.#sockets.destroy();
  }
}

/** Sockets that are open, so that they can be ended without asking the other side. */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #onClose: () => void;
  #destroyed = false;

  /** @param onClose is told whenever one has ended */
  constructor(onClose: () => void = () => {}) {
    this.#onClose = onClose;
  }

  /**
   * Opens one, and does not wait until it is connected: the driver knows what to do with one that fails, and loses a place of
   * its pool for each that never comes.
   */
  async open(host: string, port: number): Promise<Socket> {
    if (this.#destroyed) throw storeUnavailable(new Error("These connections have been given up"));
    const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect({ host, port });
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#onClose();
    });
    socket.setNoDelay(true);
    // The driver asks for the name when it checks a certificate.
    return Object.assign(socket, { host: isIP(host) ? "" : host, port });
  }

  destroy(): void {
    this.#destroyed = true;
    for (const socket of this.#open) socket.destroy();
  }
}

/** A connection that listens. */
export interface Listening {
  /** Is told what comes. */
  readonly hear: (text: string) => void;
  /** What operators see of it in `pg_stat_activity`. */
  readonly name: string;
}

/** The driver, with everything that has to be said to it. */
export function openDriver(options: DatabaseOptions, sockets: Sockets, listening?: Listening): postgres.Sql {
  const sql: postgres.Sql = postgres(options.address, {
    max: options.connections,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: () => RECONNECT_SECONDS,
    keep_alive: KEEP_ALIVE_SECONDS,
    // Arrays are sent as text, and nothing else has a type that the driver would have to ask for.
    fetch_types: false,
    onnotice: () => {},
    types: {
      integer: { to: INT8, from: [INT8], serialize: String, parse: Number },
    } as unknown as Record<string, postgres.PostgresType>,
    ...(listening === undefined
      ? {}
      : { max_lifetime: null, onnotify: (_: string, text: string) => listening.hear(text) }),
    connection: {
      application_name: listening?.name ?? "longrunning",
      ...(options.patient === true ? {} : TIMEOUTS),
      ...(options.serializable === true ? {} : PLANS),
      ...(options.serializable === true ? { default_transaction_isolation: "serializable" } : {}),
    },
    socket: ({ host, port }: { readonly host: readonly string[]; readonly port: readonly number[] }) =>
      sockets.open(host[0] ?? "localhost", port[0] ?? 5432),
  } as postgres.Options<Record<string, postgres.PostgresType>>);
  return sql;
}

async function rowsOf(
  sql: Pick<postgres.Sql, "unsafe">,
  text: string,
  parameters: readonly Cell[],
): Promise<readonly Row[]> {
  const sent = parameters.map((cell) => (cell === null ? null : String(cell)));
  return await sql.unsafe(text, sent, { prepare: true }).values();
}

/** Whether an error ends its connection, whatever it says of the statement. */
function isOfConnection(error: unknown): boolean {
  // What was thrown by us has a code, too, and nothing to do with a connection.
  if (!(error instanceof Error) || !("code" in error) || error instanceof StatusError) return false;
  return error.name !== "PostgresError" || ("severity" in error && error.severity !== "ERROR");
}
