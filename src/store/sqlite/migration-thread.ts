import { Worker } from "node:worker_threads";
import { StatusError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import { onMessage } from "../thread-messages.ts";
import type { FromMigration, MigrationData, MigrationEnd } from "./migration-thread-entry.ts";
import { threadEntry } from "../thread-entry.ts";

/**
 * Applies pending migrations on a separate thread. On a large file they take minutes, during which
 * the event loop must answer probes.
 *
 * @throws {StatusError} and errors of SQLite, as `migrate` does
 */
export async function migrateOnThread(data: MigrationData, tell: Tell): Promise<void> {
  const worker = new Worker(threadEntry("migration", import.meta.url), {
    workerData: data,
    name: "longrunning migrations",
    execArgv: [],
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<MigrationEnd>();
  worker.on("error", reject);
  worker.on("exit", (code) => reject(new Error(`The thread of migrations ended with code ${code}`)));
  onMessage(worker, (message: FromMigration) => {
    if (message.type === "told") tell[message.event]?.({ name: message.name });
    else resolve(message);
  });
  const end = await ended;
  await worker.terminate();
  if (end.type === "applied") return;
  if (end.code === undefined) throw new StatusError("FAILED_PRECONDITION", end.message);
  throw Object.assign(new Error(end.message), { errcode: end.code });
}
