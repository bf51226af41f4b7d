import type { Clock } from "../core/ports/clock.ts";
import { systemClock } from "../core/ports/clock.ts";
import type { StatusError } from "../core/error/error.ts";
import { silence, type Tell } from "../core/events.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { parseAddress } from "./address.ts";
import type { Migration, MigrationStatus } from "./migrate.ts";
import type { Topic } from "./postgres/notices.ts";
import type { PostgresOptions } from "./postgres/open.ts";
import { listSqliteMigrations, migrateSqlite, openSqlite } from "./sqlite/open.ts";

/** What a store is opened with. */
export interface OpenOptions {
  /** @default the machine's */
  readonly clock?: Clock;
  /** Makes the store's key when it is new. @default the platform's cryptographic generator */
  readonly random?: Random;
  /** @default tells nobody */
  readonly tell?: Tell;
  /**
   * For tools that look and go: takes no lock, so that a server may be running, makes no file, and refuses to write. On SQLite a
   * file that no server has is read as it lies there; what a server writes that starts later is not seen. @default false
   */
  readonly readOnly?: boolean;
  /**
   * Is told once when the store is gone for good, with what happened and what to do: everything is refused from then on. A store in
   * PostgreSQL always comes back.
   */
  readonly onLost?: (error: StatusError) => void;
  /** Whether this process may run handlers. @default true */
  readonly keepsLeases?: boolean;
  /** Whether callers of this process may wait for operations. @default true */
  readonly hasCallers?: boolean;
  /** The methods whose handlers this process runs: others tell it of their work first. @default none */
  readonly runs?: readonly string[];
  /** How PostgreSQL is used; nothing for other stores. */
  readonly postgres?: PostgresOptions;
}

/**
 * Opens the store at an address and brings its schema up to date. Makes the file, and its folder, if there is none.
 *
 * @param address `sqlite:path/to/operations.db`, `sqlite::memory:`, or `postgres://user@host/database`
 * @throws {TypeError} for an address that is none
 * @throws {StatusError} FAILED_PRECONDITION while another server has the file open, when its schema does not fit this
 *   program, when it is to be read only and is not there, or when it cannot be used until somebody acts: it is damaged, no
 *   database, a folder, or this user may not write it
 * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE when it cannot be used now, as where the disk is full
 */
export async function openStore(address: string, options: OpenOptions = {}): Promise<Store> {
  const parsed = parseAddress(address);
  const { keepsLeases = true, hasCallers = true } = options;
  const parts = {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    tell: options.tell ?? silence,
    readOnly: options.readOnly ?? false,
    onLost: options.onLost,
    keepsLeases,
    topics: topicsOf(keepsLeases, hasCallers),
    runs: options.runs ?? [],
    postgres: options.postgres ?? {},
  };
  const { clock, tell } = parts;
  const startedAt = clock.monotonic();
  const { kind } = parsed;
  const store = await (kind === "sqlite"
    ? openSqlite(parsed, parts)
    : (await postgres()).openPostgres(parsed, parts));
  tell["store.opened"]?.({ kind, durationMs: clock.monotonic() - startedAt });
  return store;
}

/** A process hears of something in any case: that it hears shows that it is connected. */
function topicsOf(keepsLeases: boolean, hasCallers: boolean): readonly Topic[] {
  if (!keepsLeases) return ["ends"];
  return hasCallers ? ["work", "ends"] : ["work"];
}

/** Tells which migrations the store at an address has and which are pending. Changes nothing. */
export async function listMigrations(address: string): Promise<readonly MigrationStatus[]> {
  const parsed = parseAddress(address);
  switch (parsed.kind) {
    case "sqlite":
      return listSqliteMigrations(parsed);
    case "postgres":
      return (await postgres()).listPostgresMigrations(parsed, { random: systemRandom });
  }
}

/**
 * Applies the pending migrations of the store at an address, each in a transaction.
 *
 * @returns those that were applied
 * @throws {StatusError} FAILED_PRECONDITION as `openStore` does
 */
export async function applyMigrations(
  address: string,
  options: Pick<OpenOptions, "clock" | "random" | "tell"> = {},
): Promise<readonly Migration[]> {
  const { clock = systemClock, random = systemRandom, tell = silence } = options;
  const parsed = parseAddress(address);
  switch (parsed.kind) {
    case "sqlite":
      return migrateSqlite(parsed, { clock, random, tell });
    case "postgres":
      return (await postgres()).migratePostgres(parsed, { clock, random, tell });
  }
}

/** Loaded by those who need it: it takes longer than a server on SQLite may take to start. */
function postgres(): Promise<typeof import("./postgres/open.ts")> {
  return import("./postgres/open.ts");
}
