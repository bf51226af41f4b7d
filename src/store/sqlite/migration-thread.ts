import { Worker } from "node:worker_threads";
import { StatusError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import type { FromMigration, MigrationData, MigrationEnd } from "./migration-thread-entry.ts";

/** The same file beside this one, whether sources run as they are or as they were built. */
const ENTRY = new URL(
  `./migration-thread-entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/**
 * Applies what is pending on a thread of its own. On a large file that takes minutes, in which the event loop has probes to answer.
 *
 * @throws {StatusError} and errors of SQLite as `migrate` does
 */
export async function migrateOnThread(data: MigrationData, tell: Tell): Promise<void> {
  const worker = new Worker(ENTRY, { workerData: data, name: "longrunning migrations", execArgv: [] });
  const { promise: ended, resolve, reject } = Promise.withResolvers<MigrationEnd>();
  worker.on("error", reject);
  worker.on("exit", (code) => reject(new Error(`The thread of migrations ended with code ${code}`)));
  worker.on("message", (message: FromMigration) => {
    if (message.type === "told") tell[message.event]?.({ name: message.name });
    else resolve(message);
  });
  const end = await ended;
  await worker.terminate();
  if (end.type === "applied") return;
  if (end.code === undefined) throw new StatusError("FAILED_PRECONDITION", end.message);
  throw Object.assign(new Error(end.message), { errcode: end.code });
}
