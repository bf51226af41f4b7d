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
import { readSettings } from "./settings.ts";
import { Writer } from "./writer.ts";

/**
 * The writer's thread: it owns the connection that writes, so that an fsync never stops the event loop, and renews the
 * leases that this process holds, so that a handler that blocks the event loop does not cost its own.
 */
invariant(parentPort !== null, "writer-thread-entry.ts runs as a worker thread");
const port = parentPort;
const { path, ...link } = workerData as WriterData;
const database = openForWriting(path);
const writer = new Writer(database);
const beside = new BesideWriter(database);
/** When the last write was sent, as far as can be known here. */
let told: { readonly now: number; readonly at: number } | undefined;
const stopRenewing = renewLeases(link, renew);

port.on("message", (message: ToWriter) => {
  switch (message.type) {
    case "write":
      told = { now: message.now, at: systemClock.monotonic() };
      tell({ type: "written", report: writer.run(message.commands, message.now) });
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

/** The store's time goes on from what the main thread said last: the thread reads no wall clock, and is never ahead. */
function time(): number {
  invariant(told !== undefined, "a lease is given by a write, which tells the time");
  return Math.floor(told.now + systemClock.monotonic() - told.at);
}

/** Where nothing can be written any more, as on a full disk, all that was acknowledged is in the WAL, and the next start finds it. */
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

/** In a commit of its own. A failure is no reason to give a lease up: the next try may succeed. */
function renew(commands: readonly RenewCommand[]): RenewAnswers {
  const { outcomes } = writer.run(commands, time());
  // Each answer is the answer to a renewal.
  return outcomes.map(({ answer }) => answer as RenewAnswer | undefined);
}
