import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/ports/clock.ts";
import { invariant } from "../../core/invariant.ts";
import type { LeaseNotice, RenewCommand } from "../../core/ports/store.ts";
import { LeaseSlots } from "../leases/lease-slots.ts";
import { processTime } from "../leases/process-time.ts";
import { type Renewed, ThreadRenewals } from "../leases/thread-renewals.ts";
import { Database, type Query } from "./database.ts";
import { batchVerdictOf } from "./fault.ts";
import type { LeaseThreadData, ToLeaseThread } from "./lease-thread.ts";
import { prepare } from "./prepared.ts";
import { renewAll, renewUnlocked } from "./renewals.ts";
import { TIME } from "./statements-service.ts";

/** The thread that renews the leases of this process, so that a handler that blocks the event loop does not cost its own. */
invariant(parentPort !== null, "lease-thread-entry.ts runs as a worker thread");
const port = parentPort;
const { options, slots } = workerData as LeaseThreadData;
const database = new Database(options);
const query: Query = (text, parameters) => database.query(text, parameters);
const renewals = new ThreadRenewals({
  clock: systemClock,
  time: processTime,
  slots: new LeaseSlots(slots),
  renew,
  tell,
});

port.on("message", (message: ToLeaseThread) => {
  if (message.type === "scan") {
    renewals.scan(message);
    return;
  }
  renewals.stop();
  void database.close().finally(() => port.postMessage("closed"));
});

void database
  .query(TIME)
  .catch(() => [])
  .finally(() => port.postMessage("ready"));

function tell(notices: readonly LeaseNotice[]): void {
  port.postMessage(notices);
}

/** One try: a failure is no reason to give a lease up, and the next try comes soon. */
async function renew(commands: readonly RenewCommand[]): Promise<Renewed> {
  const prepared = commands.map((command) => prepare(command));
  try {
    return (await renewAll(query, prepared, null)).map(({ answer }) => answer);
  } catch (error) {
    return batchVerdictOf(error) === "all" ? [] : renewUnlocked(query, prepared, null).catch(() => []);
  }
}
