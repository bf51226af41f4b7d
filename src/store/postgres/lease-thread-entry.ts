import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../core/invariant.ts";
import type { RenewAnswer, RenewCommand } from "../../core/ports/store.ts";
import type { RenewAnswers } from "../leases/renewals.ts";
import { type LeaseLink, renewLeases } from "../leases/thread-renewals.ts";
import { Database, type DatabaseOptions, type Query } from "./database.ts";
import { batchVerdictOf } from "./fault.ts";
import { prepare } from "./prepared.ts";
import { renewAll, renewUnlocked } from "./renewals.ts";
import { byShard, ofShard } from "./sharding.ts";
import { TIME } from "./statements-service.ts";

/** The start data of the thread, besides its link. */
export interface LeaseThreadData {
  readonly options: DatabaseOptions;
  readonly isDistributed: boolean;
}

/**
 * The thread that renews the leases of this process, so that a handler that blocks the event loop
 * does not lose its lease.
 */
invariant(parentPort !== null, "lease-thread-entry.ts runs as a worker thread");
const port = parentPort;
const { options, isDistributed, ...link } = workerData as LeaseThreadData & LeaseLink;
const database = new Database(options);
const query: Query = (text, parameters) => database.query(text, parameters);
const stopRenewing = renewLeases(link, renew);

port.on("message", () => {
  stopRenewing();
  void database.close().finally(() => port.postMessage("closed"));
});

void database
  .query(TIME)
  .catch(() => [])
  .finally(() => port.postMessage("ready"));

/** Tries once: a failure does not give the lease up, and the next attempt comes soon. */
async function renew(commands: readonly RenewCommand[]): Promise<RenewAnswers> {
  if (!isDistributed) return renewTogether(query, commands);
  const groups = [...byShard(commands, ({ id }) => id)];
  const answers = new Map<RenewCommand, RenewAnswer | undefined>();
  await Promise.all(
    groups.map(async ([shard, some]) => {
      const answered = await renewTogether(ofShard(query, shard), some);
      for (const [index, command] of some.entries()) answers.set(command, answered[index]);
    }),
  );
  return commands.map((command) => answers.get(command));
}

async function renewTogether(where: Query, commands: readonly RenewCommand[]): Promise<RenewAnswers> {
  const prepared = commands.map((command) => prepare(command));
  try {
    return (await renewAll(where, prepared, null)).map(({ answer }) => answer);
  } catch (error) {
    return batchVerdictOf(error) === "all" ? [] : renewUnlocked(where, prepared, null).catch(() => []);
  }
}
