import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { MessageChannel } from "node:worker_threads";
import { type Clock, systemClock } from "../../core/ports/clock.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Random } from "../../core/ports/random.ts";
import { OUTLIVING_WORKERS } from "../../core/operation/remote-worker.ts";
import type { StoreAddress } from "../address.ts";
import { makeFolder } from "../folder.ts";
import { type Migration, type MigrationStatus, readMigrations } from "../migrate.ts";
import { MEMORY, openForReading, openForWriting } from "./connection.ts";
import { FileGuard } from "./file-guard.ts";
import { FileLock, realPathOf } from "./lock.ts";
import { checkServer, keepServer } from "./server-record.ts";
import { openToInspect } from "./inspect.ts";
import { openingFault, requireRegularFile, requireRights } from "./opening-fault.ts";
import { migrateOnThread } from "./migration-thread.ts";
import { keepTime, makeKey, migrate, migrationsOf, newestTime, readKey, requireMigrated } from "./schema.ts";
import * as sql from "./statements.ts";
import { StoreClock } from "./store-clock.ts";
import { SqliteStore } from "./store.ts";
import { LeaseTable } from "../leases/lease-table.ts";
import type { Round } from "../leases/renewals.ts";
import { ThreadRenewals } from "../leases/thread-renewals.ts";
import { ThreadWriter } from "./writer-thread.ts";
import { InlineWriter } from "./inline-writer.ts";

/**
 * Opens SQLite stores.
 *
 * A file has one server at a time, which the lock beside the file ensures. So if a file that is
 * being opened contains RUNNING operations, the process that ran them is dead. Opening ends their
 * leases at once, so that a restart after kill -9 continues the work without waiting for the leases
 * to expire. The sweep then treats them like any other expired lease.
 */
interface OpenParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  readonly readOnly: boolean;
  readonly onLost?: ((error: StatusError) => void) | undefined;
}

type SqliteAddress = Extract<StoreAddress, { kind: "sqlite" }>;

/** Opens a store in a file or in memory. Errors are as in `openStore`. */
export async function openSqlite(address: SqliteAddress, parts: OpenParts): Promise<SqliteStore> {
  if (address.place === "memory") {
    if (parts.readOnly)
      throw new TypeError('Cannot open "sqlite::memory:" for reading only: it would be empty');
    return openMemory(parts);
  }
  return parts.readOnly ? openReadOnly(address.path, parts) : openFile(address.path, parts);
}

/** The migrations of a database file; all are pending if the file does not exist. */
export function listSqliteMigrations(address: SqliteAddress): readonly MigrationStatus[] {
  if (address.place === "memory" || !existsSync(address.path)) {
    return readMigrations("sqlite").map((each) => ({ ...each, applyTime: null }));
  }
  requireRegularFile(address.path);
  return opening(address.path, () =>
    using(openToInspect(address.path), (database) => migrationsOf(database)),
  );
}

/**
 * Applies pending migrations to a database file that no server has open; the file can be read
 * afterwards.
 */
export function migrateSqlite(
  address: SqliteAddress,
  { clock, random, tell }: Pick<OpenParts, "clock" | "random" | "tell">,
): readonly Migration[] {
  if (address.place === "memory") return [];
  const { path } = address;
  const lock = takeLock(path);
  try {
    return opening(path, () =>
      using(openForWriting(path), (database) => {
        const applied = migrate(database, clock.now(), undefined, tell);
        makeKey(database, random.bytes(32));
        return applied;
      }),
    );
  } finally {
    lock.release();
  }
}

function openMemory(parts: OpenParts): SqliteStore {
  const database = openForWriting(MEMORY);
  const prepared = prepareDatabase(database, parts);
  return new SqliteStore({
    ...parts,
    ...prepared,
    reading: database,
    writer: new InlineWriter(database, parts.clock),
  });
}

async function openFile(path: string, parts: OpenParts): Promise<SqliteStore> {
  const lock = takeLock(path);
  let reading: DatabaseSync | undefined;
  try {
    const goneMs = checkServer(path, LIMITS.fileCheckPauseMs);
    if (goneMs > 0) await untilGone(goneMs, parts.tell);
    if (isOlder(path)) await migratedBeside(path, parts);
    const prepared = opening(path, () =>
      using(openForWriting(path), (database) => {
        const made = prepareDatabase(database, parts);
        keepServer(database, path);
        return made;
      }),
    );
    reading = opening(path, () => openForReading(path));
    const { port1: port, port2: theirPort } = new MessageChannel();
    const table = new LeaseTable();
    const lose = onceLost(parts);
    const writer = await ThreadWriter.start(path, { port: theirPort, leases: table.buffer }, (error) =>
      lose(writerDied(path, error)),
    );
    const guard = new FileGuard({ path, realPath: realPathOf(path), clock: parts.clock, onLost: lose });
    // The thread cannot follow a clock that a test sets, so the main thread then renews the leases.
    const renewals =
      parts.clock.isReal === true
        ? (hear: (round: Round) => void) => new ThreadRenewals({ port, table, clock: parts.clock, hear })
        : undefined;
    return new SqliteStore({ ...parts, ...prepared, reading, writer: guard.around(writer), renewals, lock });
  } catch (error) {
    reading?.close();
    lock.release();
    throw error;
  }
}

/** Whether an older version wrote the file, so that migrations may have much data to go through. */
function isOlder(path: string): boolean {
  if (statSync(path).size === 0) return false;
  const [first, last] = opening(path, () =>
    using(openForWriting(path), (database) => {
      const statuses = migrationsOf(database);
      return [statuses.at(0), statuses.at(-1)];
    }),
  );
  return first?.applyTime !== null && last?.applyTime === null;
}

async function migratedBeside(path: string, { clock, tell }: OpenParts): Promise<void> {
  try {
    await migrateOnThread({ path, now: clock.now() }, tell);
  } catch (error) {
    throw openingFault(path, error);
  }
}

/** A server whose lock was deleted notices that at its next write, and stops. */
async function untilGone(ms: number, tell: Tell): Promise<void> {
  tell["store.lock-missing"]?.({ ms });
  await new Promise<void>((resolve) => systemClock.after(ms, resolve));
}

/** Reports the first loss only. */
function onceLost({ tell, onLost }: OpenParts): (error: StatusError) => void {
  let isLost = false;
  return (error) => {
    if (isLost) return;
    isLost = true;
    tell["store.lost"]?.({ message: error.message, error: error.cause });
    onLost?.(error);
  };
}

function writerDied(path: string, cause: Error): StatusError {
  const message = `The thread that writes to "${path}" died. Start again; nothing that was acknowledged is lost.`;
  return serviceError("STORE_UNAVAILABLE", message, { metadata: { path }, cause });
}

function openReadOnly(path: string, parts: OpenParts): SqliteStore {
  if (!existsSync(path)) {
    throw new StatusError("FAILED_PRECONDITION", `Cannot read "${path}": there is no such file.`);
  }
  requireRegularFile(path);
  return opening(path, () => {
    const reading = openToInspect(path);
    try {
      requireMigrated(reading);
      return new SqliteStore({ ...parts, time: new StoreClock(parts), key: readKey(reading), reading });
    } catch (error) {
      reading.close();
      throw error;
    }
  });
}

interface Prepared {
  readonly key: Uint8Array;
  readonly time: StoreClock;
}

/**
 * Migrates the schema, continues from the newest known time, and ends the leases of the previous
 * process.
 */
function prepareDatabase(database: DatabaseSync, { clock, random, tell }: OpenParts): Prepared {
  migrate(database, clock.now(), undefined, tell);
  const key = makeKey(database, random.bytes(32));
  const time = new StoreClock({ clock, tell }, newestTime(database));
  const now = time.now();
  keepTime(database, now);
  const { changes } = database.prepare(sql.END_LEASES).run({ now, outliving: OUTLIVING_WORKERS });
  if (changes !== 0) tell["leases.inherited"]?.({ count: Number(changes) });
  return { key, time };
}

function takeLock(path: string): FileLock {
  return opening(path, () => {
    makeFile(path);
    return FileLock.take(path);
  });
}

/**
 * Creates the file and its folder if they do not exist. SQLite would create the file readable for
 * others; requests and results concern its owner only. SQLite gives the files beside it the same
 * mode.
 */
function makeFile(path: string): void {
  requireRegularFile(path);
  // An existing file is not opened: closing it would release the locks that another store of this
  // process holds on it.
  if (existsSync(path)) return requireRights(path);
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
}

/** Closes the connection in any case. */
function using<Result>(database: DatabaseSync, use: (database: DatabaseSync) => Result): Result {
  try {
    return use(database);
  } finally {
    database.close();
  }
}

/** Turns an error of SQLite or the system into an error that says why the file cannot be used. */
function opening<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    throw openingFault(path, error);
  }
}
