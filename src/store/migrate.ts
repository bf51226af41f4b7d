import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { StatusError } from "../core/error/error.ts";

/**
 * Migrations: numbered SQL files in `sql/<dialect>`, each applied once, in order, and never changed
 * afterwards.
 *
 * The database stores the number, name and checksum of each applied migration. If these do not
 * match the files, nothing is applied. This file reads and compares; each dialect applies its
 * migrations.
 */
export interface Migration {
  /** Consecutive, from 1. */
  readonly number: number;
  /** Such as `0001-operations`. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly checksum: string;
}

/** A migration that the database has recorded as applied. */
export type AppliedMigration = Omit<Migration, "text"> & { readonly applyTime: number };

/** A migration, and the time when it was applied; null while it is pending. */
export type MigrationStatus = Migration & { readonly applyTime: number | null };

/** The kinds of database that have migrations. */
export type Dialect = "sqlite" | "postgres";

const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

/**
 * The migrations of this version. The folder `sql` is next to `src`, and next to `dist` in the
 * package.
 */
export function readMigrations(
  dialect: Dialect,
  folder: URL = new URL(`../../sql/${dialect}/`, import.meta.url),
): readonly Migration[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return files.toSorted().map((file, index) => {
    const number = Number(FILE_NAME.exec(file)?.[1]);
    if (number !== index + 1) {
      throw new Error(
        `Cannot read "${file}": expected a name such as "${padded(index + 1)}-what-it-adds.sql"`,
      );
    }
    const text = readFileSync(new URL(file, folder), "utf8");
    return { number, name: file.slice(0, -".sql".length), text, checksum: checksumOf(text) };
  });
}

/**
 * SHA-256 of the text, in hexadecimal. Line endings do not count, because version control changes
 * them.
 */
function checksumOf(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

/**
 * The applied and the pending migrations, in order.
 *
 * @throws {StatusError} FAILED_PRECONDITION if the database is newer than the program, lacks an
 *   earlier migration, or has applied a migration with a different text
 */
export function compareMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly MigrationStatus[] {
  const newest = applied.at(-1);
  const stranger = applied.find((each) => each.number > known.length);
  if (stranger !== undefined) {
    refuse(
      `the database has migration "${stranger.name}", which this version of the program does not know`,
      "Run the version that made it, or a newer one",
    );
  }
  const byNumber = new Map(applied.map((each) => [each.number, each]));
  return known.map((migration) => {
    const record = byNumber.get(migration.number);
    if (record === undefined && newest !== undefined && migration.number < newest.number) {
      refuse(
        `the database has migration "${newest.name}" but lacks "${migration.name}", which comes before it`,
        "Restore a backup of before that, or open the database with the program that applied it",
      );
    }
    if (record !== undefined && record.checksum !== migration.checksum) {
      refuse(
        `the text of migration "${migration.name}" is not the one that was applied to the database (checksum ` +
          `${migration.checksum.slice(0, 12)}…, applied ${record.checksum.slice(0, 12)}…)`,
        `Restore sql/*/${migration.name}.sql as it was, and put changes into a new migration`,
      );
    }
    return { ...migration, applyTime: record?.applyTime ?? null };
  });
}

/** The pending migrations. */
export function pendingMigrations(statuses: readonly MigrationStatus[]): readonly Migration[] {
  return statuses.filter((each) => each.applyTime === null);
}

function refuse(problem: string, remedy: string): never {
  throw new StatusError("FAILED_PRECONDITION", `Cannot use the database: ${problem}. ${remedy}.`, {
    metadata: { problem, remedy },
  });
}

function padded(number: number): string {
  return String(number).padStart(4, "0");
}
