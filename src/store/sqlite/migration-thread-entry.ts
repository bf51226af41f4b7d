import { parentPort, workerData } from "node:worker_threads";
import { StatusError } from "../../core/error/error.ts";
import { invariant } from "../../core/invariant.ts";
import { openForWriting } from "./connection.ts";
import { primaryCode } from "./fault.ts";
import { migrate } from "./schema.ts";

/** The start data of the thread. */
export interface MigrationData {
  readonly path: string;
  /** The time stored with each migration. */
  readonly now: number;
}

/** The result; `code` is SQLite's result code if SQLite failed. */
export type MigrationEnd =
  | { readonly type: "applied" }
  | { readonly type: "failed"; readonly message: string; readonly code: number | undefined };

/** Messages from the thread. */
export type FromMigration =
  | {
      readonly type: "told";
      readonly event: "migration.began" | "migration.applied";
      readonly name: string;
    }
  | MigrationEnd;

invariant(parentPort !== null, "migration-thread-entry.ts runs as a worker thread");
const port = parentPort;
const data = workerData as MigrationData;

function say(message: FromMigration): void {
  port.postMessage(message);
}

/** Passes an event to the main thread. */
const told = (event: "migration.began" | "migration.applied") => (fields: { readonly name: string }) =>
  say({ type: "told", event, name: fields.name });

function apply(): MigrationEnd {
  const tell = { "migration.began": told("migration.began"), "migration.applied": told("migration.applied") };
  try {
    const database = openForWriting(data.path);
    try {
      migrate(database, data.now, undefined, tell);
      return { type: "applied" };
    } finally {
      database.close();
    }
  } catch (error) {
    const code = primaryCode(error);
    if (!(error instanceof Error) || (code === undefined && !(error instanceof StatusError))) throw error;
    return { type: "failed", message: error.message, code };
  }
}

say(apply());
