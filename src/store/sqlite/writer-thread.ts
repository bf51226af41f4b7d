import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import { invariant } from "../../core/invariant.ts";
import type { RenewAnswer, RenewCommand } from "../../core/store.ts";
import { checkpoint, openForWriting } from "./connection.ts";
import { LeaseSlots } from "../leases/lease-slots.ts";
import { processTime } from "../leases/process-time.ts";
import type { FromWriter, ToWriter, WriterData } from "./messages.ts";
import { readSettings } from "./settings.ts";
import { ThreadRenewals } from "../leases/thread-renewals.ts";
import { Writer } from "./writer.ts";

/**
 * The writer's thread: it owns the connection that writes, so that an fsync never stops the event loop, and renews the
 * leases that this process holds, so that a handler that blocks the event loop does not cost its own.
 */
invariant(parentPort !== null, "writer-thread.ts runs as a worker thread");
const port = parentPort;
const { path, slots } = workerData as WriterData;
const database = openForWriting(path);
const writer = new Writer(database);
const renewals = new ThreadRenewals({
  clock: systemClock,
  time: processTime,
  slots: new LeaseSlots(slots),
  renew,
  tell: (notices) => tell({ type: "notices", notices }),
});

port.on("message", (message: ToWriter) => {
  switch (message.type) {
    case "write":
      tell({ type: "written", request: message.request, report: writer.run(message.calls, message.now) });
      break;
    case "scan":
      renewals.scan(message);
      break;
    case "settings":
      tell({ type: "settings", request: message.request, settings: readSettings(database) });
      break;
    case "close":
      renewals.stop();
      checkpoint(database);
      database.close();
      tell({ type: "closed", request: message.request });
      port.close();
      break;
  }
});
tell({ type: "ready" });

function tell(message: FromWriter): void {
  port.postMessage(message);
}

/** In a commit of its own. A failure is no reason to give a lease up: the next try may succeed. */
function renew(commands: readonly RenewCommand[]): readonly RenewAnswer[] | undefined {
  const answers = writer.run([commands], systemClock.now()).outcomes[0]?.answers;
  // Each answer is the answer to a renewal.
  return answers as readonly RenewAnswer[] | undefined;
}
