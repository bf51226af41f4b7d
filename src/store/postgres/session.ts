import type postgres from "postgres";
import { systemClock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Cell } from "./array.ts";
import { openDriver } from "./driver.ts";
import { connectionEnded, endsSession, tlsRefused, unfitServer } from "./fault.ts";
import { type AddressedHost, fits, type Servers } from "./servers.ts";
import { Sockets } from "./sockets.ts";
import { ONCE, touchesAll, wantsSettings } from "./sharding.ts";
import * as sql from "./statements-session.ts";

/**
 * A row as sent by the database, in the order of its columns: integers as numbers, all else as
 * PostgreSQL's text.
 */
export type Row = readonly unknown[];

/** Runs one statement. Parameters are in the order of their numbers. */
export interface Query {
  (text: string, parameters?: readonly Cell[]): Promise<readonly Row[]>;
  /** The only shard that its statements touch, on a distributed database (sharding.ts). */
  readonly shard?: number;
}

/** Options of a session. */
export interface SessionOptions {
  /** `postgres://…`. Its query contains settings of the session, such as `search_path`. */
  readonly address: string;
  /** Waits for every answer, however long it takes; for migrations. @default false */
  readonly patient?: boolean;
  /** Its name in `pg_stat_activity`, for operators. @default "longrunning" */
  readonly name?: string;
}

/** The events of a session. */
export interface SessionEvents {
  /** It accepts no more statements: it has ended, or is about to. */
  readonly over?: () => void;
  /** A notice arrived. */
  readonly hear?: (text: string) => void;
}

const CLOSE_TIMEOUT_SECONDS = 6;

/**
 * One connection to PostgreSQL, on which all settings that our statements rely on are set before
 * the first statement.
 *
 * Terms: a session is *direct* if the server process that answers is the one that accepted the
 * connection, and *pooled* if another one answers. Then a pooler such as pgbouncer is in between,
 * each transaction may run on a different server process, and must bring its own settings. The
 * connection request itself contains no settings, because poolers reject them.
 *
 * On failure: a session ends with its connection and is never continued on another; its work in
 * progress is rejected. It also ends when the server has become read-only, because the next
 * connection may lead to another server.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #servers: Servers;
  readonly #events: SessionEvents;
  readonly #sockets: Sockets;
  readonly #sql: postgres.Sql;
  readonly #ready: Promise<void>;
  readonly #settled = Promise.withResolvers<void>();
  readonly #openedAt = systemClock.monotonic();
  /** Prepared texts whose shape comes from a caller. */
  readonly #composed = new Set<string>();
  #isReady = false;
  #isPooled = false;
  #hasCitus = false;
  #isOver = false;
  #isGone = false;
  /** Statements and transactions without an answer yet. */
  underWay = 0;
  /** Whether a transaction has reserved it. */
  isReserved = false;

  constructor(options: SessionOptions, servers: Servers, events: SessionEvents = {}) {
    this.#options = options;
    this.#servers = servers;
    this.#events = events;
    const over = (): void => this.destroy();
    this.#sockets = new Sockets(over);
    const { host } = servers;
    this.#sql = openDriver({ options, address: servers.address, host, sockets: this.#sockets, over, events });
    this.#ready = this.#settle(host);
    // Callers of `ready()` get the error; there may be none.
    this.#ready.catch(() => {});
  }

  /** Whether it accepts no more statements. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get ageMs(): number {
    return systemClock.monotonic() - this.#openedAt;
  }

  /** Resolves when the session accepts statements. Rejects if it never will. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /**
   * Runs one statement in its own transaction. @param isComposed whether the shape of the text
   * comes from a caller
   */
  query(text: string, parameters: readonly Cell[] = [], isComposed = false): Promise<readonly Row[]> {
    return this.#during(async () => {
      const isBare = this.#isPooled ? this.#standsAlone(text) : !(this.#hasCitus && wantsSettings(text));
      if (isBare) return await this.#rowsOf(text, parameters, isComposed);
      // All are sent together. A commit after a failure is a rollback.
      const before = [this.#begin()];
      if (this.#hasCitus && touchesAll(text)) before.push(this.#plain(sql.PLANNED_EACH_TIME));
      const rows = this.#rowsOf(text, parameters, isComposed);
      await allOf([...before, rows, this.#plain(sql.COMMIT)]);
      return await rows;
    });
  }

  /** Runs statements in one transaction, which is rolled back if `run` or one of them rejects. */
  transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#during(async () => {
      await this.#begin();
      let thrown: { readonly error: unknown } | undefined;
      const query: Query = async (text, parameters = []) => {
        try {
          return await this.#rowsOf(text, parameters);
        } catch (error) {
          thrown ??= { error };
          throw error;
        }
      };
      try {
        const result = await run(query);
        if (thrown !== undefined) throw thrown.error;
        await this.#plain(sql.COMMIT);
        return result;
      } catch (error) {
        // A session that cannot even roll back is unusable.
        await this.#plain(sql.ROLLBACK).catch(() => this.destroy());
        throw error;
      }
    });
  }

  /** Ends the session after its work in progress. Run nothing on it after this call. */
  async close(): Promise<void> {
    this.#end();
    if (this.underWay > 0) await this.#settled.promise;
    await this.#sql.end({ timeout: CLOSE_TIMEOUT_SECONDS }).catch(() => {});
    this.destroy();
  }

  /** Ends the session without waiting for the server. */
  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#end();
    void this.#sql.end({ timeout: 0 }).catch(() => {});
    this.#sockets.destroy();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.over?.();
  }

  async #settle(host: AddressedHost): Promise<void> {
    try {
      const answer = await this.#sql.unsafe(sql.WHO).values();
      this.#sockets.only();
      const [pid, isReadOnly, isStandby, hasCitus] = answer[0] ?? [];
      const { target } = this.#servers.address;
      if (!fits(target, { isReadOnly: isReadOnly === true, isStandby: isStandby === true }))
        throw unfitServer(target);
      this.#isPooled = pid !== answer.state.pid;
      this.#hasCitus = hasCitus === true;
      if (!this.#isPooled) await Promise.all(this.#settings("session").map((text) => this.#sql.unsafe(text)));
      this.#isReady = true;
    } catch (error) {
      this.#servers.passOver(host);
      this.destroy();
      throw this.#sockets.tlsRefused && this.#servers.address.tls !== "prefer" ? tlsRefused(error) : error;
    }
  }

  /** The statements that set everything that our statements rely on. */
  #settings(scope: "session" | "transaction"): readonly string[] {
    const { patient = false } = this.#options;
    const { settings } = this.#servers.address;
    const usual = {
      ...sql.DURABILITY,
      ...(patient ? {} : sql.TIMEOUTS),
      ...(scope === "session" ? sql.LOST_CLIENTS : {}),
      ...sql.PLANS,
    };
    const pinned = {
      ...Object.fromEntries(Object.entries(usual).filter(([name]) => !(name in settings))),
      ...(patient ? sql.NO_TIMEOUTS : {}),
      ...sql.MEANING,
    };
    const asked = Object.entries(settings).filter(([name]) => !(name in pinned));
    return [
      sql.settle(pinned, scope),
      ...(asked.length === 0 ? [] : [sql.ask(Object.fromEntries(asked), scope)]),
    ];
  }

  /**
   * Whether a statement must run outside a transaction, and so without settings behind a pooler:
   * building an index.
   */
  #standsAlone(text: string): boolean {
    if (!sql.ALONE.test(text)) return false;
    const asked = Object.keys(this.#servers.address.settings);
    if (asked.length === 0) return true;
    throw new StatusError(
      "FAILED_PRECONDITION",
      `Cannot build an index through a pooler with settings in the address (${asked.join(", ")}): migrate with the address of the server itself`,
    );
  }

  async #begin(): Promise<void> {
    const settings = this.#isPooled ? this.#settings("transaction") : [];
    const begun = this.#plain([sql.BEGIN, ...settings].join("; "));
    const { patient = false } = this.#options;
    const nodes =
      this.#hasCitus && !patient ? [this.#plain(sql.onNodes(this.#servers.address.settings))] : [];
    await allOf([begun, ...nodes]);
  }

  /** Runs statements without parameters. */
  async #plain(text: string): Promise<void> {
    if (this.#isGone) throw connectionEnded();
    await this.#sql.unsafe(text);
  }

  async #rowsOf(text: string, parameters: readonly Cell[], isComposed = false): Promise<readonly Row[]> {
    // The driver would continue the transaction on another connection.
    if (this.#isGone) throw connectionEnded();
    // Behind a pooler, the next transaction may run on a process that does not know the prepared
    // statement.
    const prepare = !this.#isPooled && !text.startsWith(ONCE) && (!isComposed || this.#keeps(text));
    const sent = parameters.map((cell) => (cell === null ? null : String(cell)));
    return await this.#sql.unsafe(text, sent, { prepare }).values();
  }

  /**
   * Whether to prepare a composed text. Only the first ones are prepared, because the server keeps
   * each as long as the session.
   */
  #keeps(text: string): boolean {
    if (this.#composed.size < LIMITS.listStatementsMax) this.#composed.add(text);
    return this.#composed.has(text);
  }

  async #during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.underWay++;
    try {
      if (!this.#isReady) await this.#ready;
      return await work();
    } catch (error) {
      if (endsSession(error)) this.#end();
      throw error;
    } finally {
      if (--this.underWay === 0) {
        this.#settled.resolve();
        if (this.#isOver) this.destroy();
      }
    }
  }
}

/** Waits for all, and then rejects with the first error in their order. */
async function allOf(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}
