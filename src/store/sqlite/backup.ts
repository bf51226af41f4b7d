import { constants, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { systemClock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { firstMessage } from "../thread-messages.ts";
import type { BackupData, BackupEnd } from "./backup-thread-entry.ts";
import { openingFault, requireRegularFile } from "./opening-fault.ts";
import { threadEntry } from "../thread-entry.ts";

/** SQLITE_FULL. It concerns the copy, because the database itself is only read. */
const FULL = 13;
const LOOK_MS = 200;

/** Options of a backup. */
export interface BackupOptions {
  /** Called with the number of bytes copied so far and the largest possible number. */
  readonly onProgress?: (bytes: number, bytesMost: number) => void;
  /** Aborts the copy and removes what was written of it. */
  readonly signal?: AbortSignal;
}

/** A finished backup. */
export interface Backup {
  readonly bytes: number;
}

/**
 * Copies a database, as of one moment, into a new file that only its owner can read. A server may
 * have the database open. The copy is one read transaction, which neither blocks writers nor waits
 * for them. The file appears under its name only when it is complete and on disk.
 *
 * @throws {StatusError} FAILED_PRECONDITION if the database does not exist or the name of the file
 * is taken
 */
export async function backupSqlite(
  path: string,
  target: string,
  options: BackupOptions = {},
): Promise<Backup> {
  if (!existsSync(path))
    throw refusal(`Cannot back up "${path}": there is no such file. Give the address of another store.`);
  requireRegularFile(path);
  const part = `${target}.part`;
  await claim(target, "Give another name: nothing is ever written over.");
  try {
    await claim(part, "Another backup writes it, or was broken off: remove it if none does.");
    try {
      await copied({ path, target: part }, options);
      await flushed(part);
      await rename(part, target);
      await flushed(dirname(target));
      return { bytes: (await stat(target)).size };
    } catch (error) {
      await rm(part, { force: true });
      await rm(`${part}-journal`, { force: true });
      throw error;
    }
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/** Creates an empty file, unless the name is taken. */
async function claim(file: string, remedy: string): Promise<void> {
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw refusal(`Cannot write "${file}": there is something of that name. ${remedy}`);
    throw openingFault(file, error);
  }
}

async function copied(data: BackupData, { onProgress, signal }: BackupOptions): Promise<void> {
  signal?.throwIfAborted();
  const bytesMost = (await stat(data.path)).size;
  signal?.throwIfAborted();
  const worker = new Worker(threadEntry("backup", import.meta.url), {
    workerData: data,
    name: "longrunning backup",
    execArgv: [],
  });
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal?.reason as Error);
  signal?.addEventListener("abort", stop);
  let isOver = false;
  const look = (): void => {
    if (isOver) return;
    void stat(data.target).then(
      ({ size }) => onProgress?.(size, bytesMost),
      () => {},
    );
    systemClock.after(LOOK_MS, look);
  };
  if (onProgress !== undefined) look();
  try {
    const end = (await Promise.race([firstMessage(worker), stopped])) as BackupEnd;
    if (end.message === undefined) return;
    const error = Object.assign(new Error(end.message), { errcode: end.code });
    throw openingFault(end.code === FULL ? data.target : data.path, error);
  } finally {
    isOver = true;
    signal?.removeEventListener("abort", stop);
    void worker.terminate();
  }
}

/** Flushes everything written to disk. */
async function flushed(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function refusal(message: string): StatusError {
  return new StatusError("FAILED_PRECONDITION", message);
}
