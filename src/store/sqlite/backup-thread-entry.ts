import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../core/invariant.ts";
import { openForReading } from "./connection.ts";
import { primaryCode } from "./fault.ts";
import { VACUUM_INTO } from "./statements-service.ts";

/** The start data of the thread. */
export interface BackupData {
  readonly path: string;
  /** The path of an empty file. */
  readonly target: string;
}

/** The result of the copy; `code` is SQLite's result code if the copy failed. */
export type BackupEnd =
  | { readonly message?: undefined }
  | { readonly message: string; readonly code: number };

/** The thread that copies a database: a single statement, which would block the event loop. */
invariant(parentPort !== null, "backup-thread-entry.ts runs as a worker thread");
const { path, target } = workerData as BackupData;
const port = parentPort;
port.postMessage(copy());

function copy(): BackupEnd {
  try {
    const database = openForReading(path);
    try {
      database.prepare(VACUUM_INTO).run(target);
      return {};
    } finally {
      database.close();
    }
  } catch (error) {
    const code = primaryCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    return { message: error.message, code };
  }
}
