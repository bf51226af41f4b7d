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
 * Applies what is pending. Each migration is one statement, and can be carried out again: indexes are built while others
 * write (`concurrently`), which no transaction can hold, and a step that was broken off is begun anew. Two who migrate at once
 * take turns, by the lock of a row: the second waits, and finds nothing left to do. Writers never wait for a migration that
 * waits for others. Where the database has Citus, tables that are not spread over its servers yet are, last of all.
 *
 * @param turn a database of one connection, which holds the turn
 * @param now milliseconds since the Unix epoch, for the record
 * @param tell tells of each migration when it begins and when it is applied
 * @returns what was applied
 * @throws {StatusError} FAILED_PRECONDITION as `compareMigrations` does, or when a migration fails
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
 * Refuses a database whose schema this program cannot work with.
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

/** The 32 secret bytes of this database; `fresh` becomes them if it has none. */
export async function makeKey(query: Query, fresh: Uint8Array): Promise<Uint8Array> {
  // On Citus a write of a table that is on every node wants every node.
  const known = await readKey(query);
  if (known !== undefined) return known;
  await query(sql.MAKE_KEY, [Buffer.from(fresh).toString("hex")]);
  const key = await readKey(query);
  invariant(key !== undefined, "a database has the key that was made for it");
  return key;
}

/** The 32 secret bytes of this database; undefined for one that nobody has served from yet. */
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

/** Indexes are built while others write. Everything else tries again and again to have its table for a moment. */
async function carryOut(query: Query, text: string): Promise<void> {
  if (/\bconcurrently\b/.test(text)) return void (await query(text));
  while ((await query(sql.briefly(text)).catch(whileTaken)) === undefined) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => systemClock.after(TURN_PAUSE_MS, resolve));
}

/** How long to wait before trying again to have what somebody else has: the turn, or a table. */
const TURN_PAUSE_MS = 200;

/** PostgreSQL's code for a lock that somebody else has. */
const LOCK_TAKEN = "55P03";

/**
 * What two get who make a table at once: `if not exists` does not keep the second from failing on PostgreSQL's own catalogue, by
 * its unique index, the name of the table or that of its row type, whichever is met first.
 */
const EXISTING: ReadonlySet<unknown> = new Set(["23505", "42P07", "42710"]);

function ignoreExisting(error: unknown): void {
  if (!EXISTING.has((error as { readonly code?: unknown }).code)) throw error;
}

/** Somebody else has what is needed: nothing was done. */
function whileTaken(error: unknown): undefined {
  if ((error as { readonly code?: unknown }).code !== LOCK_TAKEN) throw error;
  return undefined;
}
