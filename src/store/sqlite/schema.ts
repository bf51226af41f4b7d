import type { DatabaseSync } from "node:sqlite";
import { StatusError } from "../../core/error/error.ts";
import { idTime, isId } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";
import { silence, type Tell } from "../../core/events.ts";
import {
  type AppliedMigration,
  compareMigrations,
  type Migration,
  type MigrationStatus,
  pendingMigrations,
  readMigrations,
} from "../migrate.ts";
import { faultOf } from "./fault.ts";
import * as service from "./statements-service.ts";
import * as session from "./statements-session.ts";

/** Which migrations the database has and which are pending. Writes nothing. */
export function migrationsOf(
  database: DatabaseSync,
  known: readonly Migration[] = readMigrations("sqlite"),
): readonly MigrationStatus[] {
  return compareMigrations(known, appliedTo(database));
}

/**
 * Applies pending migrations, each in its own transaction.
 *
 * @param tell announces each migration before it begins: on a large file a migration takes long,
 * and nothing else runs meanwhile
 * @returns the applied migrations
 * @throws {StatusError} FAILED_PRECONDITION as `compareMigrations` does, or if a migration fails; a
 *   failed migration changes nothing
 * @throws {Error} of SQLite if the disk fails or is full
 */
export function migrate(
  database: DatabaseSync,
  now: number,
  known: readonly Migration[] = readMigrations("sqlite"),
  tell: Tell = silence,
): readonly Migration[] {
  database.exec(service.CREATE_MIGRATIONS);
  const pending = pendingMigrations(migrationsOf(database, known));
  for (const migration of pending) {
    tell["migration.began"]?.({ name: migration.name });
    apply(database, migration, now);
    tell["migration.applied"]?.({ name: migration.name });
  }
  return pending;
}

/**
 * Rejects a database that is opened for reading and is not up to date.
 *
 * @throws {StatusError} FAILED_PRECONDITION
 */
export function requireMigrated(database: DatabaseSync): void {
  const pending = pendingMigrations(migrationsOf(database));
  if (pending.length === 0) return;
  throw new StatusError(
    "FAILED_PRECONDITION",
    `Cannot read the database: migration "${pending[0]?.name}" is not applied to it. ` +
      "Open it once with the server, which applies what is pending.",
  );
}

/** The 32 secret bytes of this database; `fresh` is stored if it has none. */
export function makeKey(database: DatabaseSync, fresh: Uint8Array): Uint8Array {
  database.prepare(service.MAKE_KEY).run({ value: fresh });
  return readKey(database);
}

/** The 32 secret bytes of this database. */
export function readKey(database: DatabaseSync): Uint8Array {
  const value = database.prepare(service.READ_KEY).get()?.["value"];
  invariant(value instanceof Uint8Array, "a database that was opened once has a key");
  return new Uint8Array(value);
}

/** The newest time stored in the database, on the clock of its servers; 0 if it contains none. */
export function newestTime(database: DatabaseSync): number {
  const id = database.prepare(service.NEWEST_ID).get()?.["id"];
  const kept = database.prepare(service.READ_TIME).get()?.["time"];
  return Math.max(typeof id === "string" && isId(id) ? idTime(id) : 0, Number(kept ?? 0));
}

/** Stores the current time. */
export function keepTime(database: DatabaseSync, time: number): void {
  database.prepare(service.KEEP_TIME).run({ time: String(time) });
}

function appliedTo(database: DatabaseSync): readonly AppliedMigration[] {
  if (database.prepare(service.HAS_MIGRATIONS).get()?.["count"] === 0) return [];
  return database
    .prepare(service.APPLIED_MIGRATIONS)
    .all()
    .map((row) => ({
      number: Number(row["number"]),
      name: String(row["name"]),
      checksum: String(row["checksum"]),
      applyTime: Number(row["apply_time"]),
    }));
}

/**
 * The record is inserted first, so that if two programs migrate at once, the second one fails
 * before it has changed anything.
 */
function apply(database: DatabaseSync, { number, name, checksum, text }: Migration, now: number): void {
  database.exec(session.BEGIN);
  try {
    database.prepare(service.RECORD_MIGRATION).run({ number, name, checksum, apply_time: now });
    database.exec(text);
    database.exec(session.COMMIT);
  } catch (error) {
    if (database.isTransaction) database.exec(session.ROLLBACK);
    // The disk caused it, not the migration.
    if (faultOf(error).kind === "unavailable") throw error;
    throw new StatusError(
      "FAILED_PRECONDITION",
      `Cannot apply migration "${name}": ${String(error)}. Nothing of it was kept.`,
      {
        cause: error,
      },
    );
  }
}
