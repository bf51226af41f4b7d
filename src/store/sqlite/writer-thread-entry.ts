import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../core/invariant.ts";
import type { RenewAnswer, RenewCommand } from "../../core/ports/store.ts";
import { BesideWriter } from "./beside-writer.ts";
import { checkpoint, openForWriting } from "./connection.ts";
import { systemClock } from "../../core/ports/clock.ts";
import type { RenewAnswers } from "../leases/renewals.ts";
import { renewLeases } from "../leases/thread-renewals.ts";
import type { FromWriter, ToWriter, WriterData } from "./messages.ts";
import { keepTime } from "./schema.ts";
import { fromSent } from "./sent-command.ts";
import { readSettings } from "./settings.ts";
import { Writer } from "./writer.ts";

/**
 * The writer's thread. It owns the connection that writes, so that an fsync never blocks the event
 * loop. It also renews the leases of this process, so that a handler that blocks the event loop
 * does not lose its lease.
 */
invariant(parentPort !== null, "writer-thread-entry.ts runs as a worker thread");
const port = parentPort;
const { path, ...link } = workerData as WriterData;
const database = openForWriting(path);
const writer = new Writer(database);
const beside = new BesideWriter(database);
/** The time of the last write, on the store's clock and on this thread's. */
let told: { readonly now: number; readonly at: number } | undefined;
const stopRenewing = renewLeases(link, renew);

port.on("message", (message: ToWriter) => {
  switch (message.type) {
    case "write":
      told = { now: message.now, at: systemClock.monotonic() };
      tell({ type: "written", report: writer.run(message.commands.map(fromSent), message.now) });
      break;
    case "write-beside":
      tell({ type: "written-beside", outcome: beside.run(message.write) });
      break;
    case "settings":
      tell({ type: "settings", settings: readSettings(database) });
      break;
    case "close":
      stopRenewing();
      tidyUp(message.now);
      database.close();
      tell({ type: "closed" });
      break;
  }
});
tell({ type: "ready" });

/**
 * The store's time continues from the main thread's last message: the thread reads no wall clock
 * and is never ahead.
 */
function time(): number {
  invariant(told !== undefined, "a lease is given by a write, which tells the time");
  return Math.floor(told.now + systemClock.monotonic() - told.at);
}

/**
 * If writing is impossible, for example because the disk is full, everything acknowledged is in the
 * WAL and the next start finds it.
 */
function tidyUp(now: number): void {
  try {
    keepTime(database, now);
    checkpoint(database);
  } catch {
    return;
  }
}

function tell(message: FromWriter): void {
  port.postMessage(message);
}

/**
 * Renews in a separate commit. A failure does not give up the lease: the next attempt may succeed.
 */
function renew(commands: readonly RenewCommand[]): RenewAnswers {
  const { outcomes } = writer.run(commands, time());
  // Each answer is the answer to a renewal.
  return outcomes.map(({ answer }) => answer as RenewAnswer | undefined);
}
