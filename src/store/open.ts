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

/** The options of `openStore`. */
export interface OpenOptions {
  /** @default the machine's */
  readonly clock?: Clock;
  /** Makes the key of a new store. @default the platform's cryptographic generator */
  readonly random?: Random;
  /** @default no listener */
  readonly tell?: Tell;
  /**
   * For tools that only read: takes no lock, so a server may run meanwhile; creates no file and
   * rejects writes. A SQLite file without a server is read as a snapshot; writes of a server that
   * starts later are not seen. @default false
   */
  readonly readOnly?: boolean;
  /**
   * Called once if the store is lost permanently, with the cause and the remedy; every later call
   * is rejected. Never called for PostgreSQL.
   */
  readonly onLost?: (error: StatusError) => void;
  /** Whether this process may run handlers. @default true */
  readonly keepsLeases?: boolean;
  /** Whether callers of this process may wait for operations. @default true */
  readonly hasCallers?: boolean;
  /**
   * The methods whose handlers this process runs; other processes notify it of their work first.
   * @default none
   */
  readonly runs?: readonly string[];
  /** Options for PostgreSQL; ignored for other stores. */
  readonly postgres?: PostgresOptions;
}

/**
 * Opens the store at an address and updates its schema. Creates the file and its folder if they are
 * missing.
 *
 * @param address `sqlite:path/to/operations.db`, `sqlite::memory:`, or `postgres://user@host/database`
 * @throws {TypeError} for an invalid address
 * @throws {StatusError} FAILED_PRECONDITION if another server has the file open, if its schema does
 *   not fit this version, if `readOnly` is set and the file does not exist, or if the file cannot
 *   be used until somebody acts: it is damaged, not a database, a folder, or not writable for this
 *   user
 * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE if the store cannot be used at the moment,
 * for example because the disk is full
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

/** Every process listens to at least one topic, because receiving shows that it is connected. */
function topicsOf(keepsLeases: boolean, hasCallers: boolean): readonly Topic[] {
  if (!keepsLeases) return ["ends"];
  return hasCallers ? ["work", "ends"] : ["work"];
}

/** Lists the applied and the pending migrations of the store at an address. Changes nothing. */
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
 * @returns the applied migrations
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

/** Loaded on demand, because loading takes longer than a server on SQLite may take to start. */
function postgres(): Promise<typeof import("./postgres/open.ts")> {
  return import("./postgres/open.ts");
}
