import { systemClock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { invariant } from "../../core/invariant.ts";
import type { Tell } from "../../core/events.ts";
import {
  type AppliedMigration,
  compareMigrations,
  type Migration,
  type MigrationStatus,
  pendingMigrations,
  readMigrations,
} from "../migrate.ts";
import type { Database, Query } from "./database.ts";
import { distribute, isToDistribute } from "./distribution.ts";
import { faultError } from "./fault.ts";
import * as sql from "./statements-service.ts";

/** Which migrations the database has and which are pending. Writes nothing. */
export async function migrationsOf(
  query: Query,
  known: readonly Migration[] = readMigrations("postgres"),
): Promise<readonly MigrationStatus[]> {
  const [row] = await query(sql.HAS_MIGRATIONS);
  if (row?.[0] !== true) return compareMigrations(known, []);
  const rows = await query(sql.APPLIED_MIGRATIONS);
  const applied = rows.map(
    ([number, name, checksum, applyTime]): AppliedMigration => ({
      number: Number(number),
      name: String(name),
      checksum: String(checksum),
      applyTime: Number(applyTime),
    }),
  );
  return compareMigrations(known, applied);
}

/**
 * Applies pending migrations. Each migration is a single statement that can be repeated: indexes
 * are built while others write (`concurrently`), which is impossible in a transaction, and an
 * interrupted step starts over. If two programs migrate at once, the lock of a row lets them take
 * turns: the second waits, and finds nothing left to do. Writers never wait for a migration that
 * waits for others. On a database with Citus, tables that are not distributed yet are distributed
 * last.
 *
 * @param turn a database with one connection, which holds the lock
 * @param now milliseconds since the Unix epoch, stored with the migration
 * @param tell announces the beginning and the end of each migration
 * @returns the applied migrations
 * @throws {StatusError} FAILED_PRECONDITION as `compareMigrations` does, or if a migration fails
 */
export async function migrate(
  query: Query,
  turn: Pick<Database, "transaction">,
  { now, tell }: { readonly now: () => number; readonly tell: Tell },
  known: readonly Migration[] = readMigrations("postgres"),
): Promise<readonly Migration[]> {
  const isCurrent = pendingMigrations(await migrationsOf(query, known)).length === 0;
  if (isCurrent && !(await isToDistribute(query))) return [];
  for (const text of [sql.CREATE_MIGRATIONS, sql.CREATE_MIGRATION_TURN, sql.MAKE_MIGRATION_TURN]) {
    await query(text).catch(ignoreExisting);
  }
  for (;;) {
    const applied = await turn
      .transaction(async (inside) => {
        await inside(sql.TAKE_MIGRATION_TURN);
        const pending = pendingMigrations(await migrationsOf(query, known));
        for (const migration of pending) {
          tell["migration.began"]?.({ name: migration.name });
          await apply(query, migration, now());
          tell["migration.applied"]?.({ name: migration.name });
        }
        await distribute(inside);
        return pending;
      })
      .catch(whileTaken);
    if (applied !== undefined) return applied;
    await pause();
  }
}

/**
 * Rejects a database whose schema does not fit this version.
 *
 * @throws {StatusError} FAILED_PRECONDITION
 */
export async function requireMigrated(query: Query): Promise<void> {
  const [pending] = pendingMigrations(await migrationsOf(query));
  if (pending === undefined) return;
  throw new StatusError(
    "FAILED_PRECONDITION",
    `Cannot use the database: migration "${pending.name}" is not applied to it. Apply it with: longrunning migrate`,
  );
}

/** The 32 secret bytes of this database; `fresh` is stored if it has none. */
export async function makeKey(query: Query, fresh: Uint8Array): Promise<Uint8Array> {
  // On Citus, writing a table that is on every node needs every node to be reachable.
  const known = await readKey(query);
  if (known !== undefined) return known;
  await query(sql.MAKE_KEY, [Buffer.from(fresh).toString("hex")]);
  const key = await readKey(query);
  invariant(key !== undefined, "a database has the key that was made for it");
  return key;
}

/** The 32 secret bytes of this database; undefined if no server has run on it yet. */
export async function readKey(query: Query): Promise<Uint8Array | undefined> {
  const [row] = await query(sql.READ_KEY);
  return row === undefined ? undefined : new Uint8Array(Buffer.from(String(row[0]), "hex"));
}

async function apply(query: Query, { number, name, checksum, text }: Migration, now: number): Promise<void> {
  try {
    for (const [index] of await query(sql.BROKEN_INDEXES)) await query(sql.dropIndex(String(index)));
    await carryOut(query, text);
    await query(sql.RECORD_MIGRATION, [number, name, checksum, now]);
  } catch (error) {
    throw new StatusError(
      "FAILED_PRECONDITION",
      `Cannot apply migration "${name}": ${error instanceof Error ? error.message : String(error)}.`,
      { cause: faultError(error) },
    );
  }
}

/**
 * Indexes are built while others write. All other migrations retry until they get their table for a
 * moment.
 */
async function carryOut(query: Query, text: string): Promise<void> {
  if (/\bconcurrently\b/.test(text)) return void (await query(text));
  while ((await query(sql.briefly(text)).catch(whileTaken)) === undefined) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => systemClock.after(TURN_PAUSE_MS, resolve));
}

/**
 * The pause before the next attempt to take a lock that another session holds: of the turn, or of a
 * table.
 */
const TURN_PAUSE_MS = 200;

/** PostgreSQL's code for a lock that another session holds. */
const LOCK_TAKEN = "55P03";

/**
 * The codes for the second of two sessions that create a table at once: despite `if not exists`, it
 * fails on a unique index of PostgreSQL's catalogue, the name of the table, or its row type,
 * whichever comes first.
 */
const EXISTING: ReadonlySet<unknown> = new Set(["23505", "42P07", "42710"]);

function ignoreExisting(error: unknown): void {
  if (!EXISTING.has((error as { readonly code?: unknown }).code)) throw error;
}

/** Another session holds the lock; nothing was done. */
function whileTaken(error: unknown): undefined {
  if ((error as { readonly code?: unknown }).code !== LOCK_TAKEN) throw error;
  return undefined;
}
