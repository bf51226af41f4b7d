import { StatusError } from "../core/error/error.ts";
import { parseAddress } from "./address.ts";
import { type Backup, type BackupOptions, backupSqlite } from "./sqlite/backup.ts";

/**
 * Copies the store at an address into a new file. A server may have the store open.
 *
 * @param file an absolute path that does not exist, in an existing folder
 * @throws {StatusError} FAILED_PRECONDITION if the store has no file, and as {@link backupSqlite}
 * does
 */
export async function backupStore(
  address: string,
  file: string,
  options: BackupOptions = {},
): Promise<Backup> {
  const parsed = parseAddress(address);
  if (parsed.kind === "postgres") {
    const message =
      `Cannot back up PostgreSQL into "${file}": use its own means, such as pg_dump --format=custom --file=FILE DATABASE, ` +
      "or base backups with the WAL for the state at any time.";
    throw new StatusError("FAILED_PRECONDITION", message);
  }
  if (parsed.place === "memory") {
    throw new StatusError(
      "FAILED_PRECONDITION",
      "Cannot back up a store in memory: it is gone with its process.",
    );
  }
  return backupSqlite(parsed.path, file, options);
}
