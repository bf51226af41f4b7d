import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { systemClock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import type { BackupData, BackupEnd } from "./backup-thread-entry.ts";
import { openingFault, requireRegularFile } from "./opening-fault.ts";

/** The same file beside this one, whether sources run as they are or as they were built. */
const ENTRY = new URL(
  `./backup-thread-entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);
/** SQLITE_FULL: of the copy, since the database itself is only read. */
const FULL = 13;
const LOOK_MS = 200;

/** How a copy is made. */
export interface BackupOptions {
  /** Is told how many bytes are there by now, and how many there may be at the most. */
  readonly onProgress?: (bytes: number, bytesMost: number) => void;
  /** Gives the copy up: what there is of it is removed. */
  readonly signal?: AbortSignal;
}

/** A copy that was made. */
export interface Backup {
  readonly bytes: number;
}

/**
 * Copies a database, as it is at one moment, into a new file that is its owner's alone, while a server has it open or while none
 * does. It is one read of the database, which writers neither wait for nor disturb. The file appears under its name when it is whole
 * and on the disk.
 *
 * @throws {StatusError} FAILED_PRECONDITION where there is no such database, or something has the file's name already
 */
export async function backupSqlite(
  path: string,
  target: string,
  options: BackupOptions = {},
): Promise<Backup> {
  if (!existsSync(path)) throw refusal(`Cannot back up "${path}": there is no such file.`);
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

/** Makes an empty file, unless something has its name. */
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
  const worker = new Worker(ENTRY, { workerData: data, name: "longrunning backup", execArgv: [] });
  const bytesMost = (await stat(data.path)).size;
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal?.reason);
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
    const [end] = (await once(worker, "message", { signal: controller.signal })) as [BackupEnd];
    if (end.message === undefined) return;
    const error = Object.assign(new Error(end.message), { errcode: end.code });
    throw openingFault(end.code === FULL ? data.target : data.path, error);
  } finally {
    isOver = true;
    signal?.removeEventListener("abort", stop);
    void worker.terminate();
  }
}

/** Whatever was written is on the disk. */
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
