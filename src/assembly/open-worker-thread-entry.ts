import { workerData } from "node:worker_threads";
import { connectWorker } from "../client/worker-calls.ts";
import { systemClock } from "../core/ports/clock.ts";
import { processMs } from "../store/leases/thread-renewals.ts";
import { trustAuthorities } from "./authorities.ts";
import { RemoteRenewals } from "./open-worker-renewals.ts";
import type { FromThread, RenewalThreadData, ToThread } from "./open-worker-thread.ts";

/**
 * The thread that renews the leases of a worker over the network, so that a handler that blocks the
 * event loop does not lose its lease.
 */
const { port, server, ca, ...data } = workerData as RenewalThreadData;
let { headers } = data;
const authorities = trustAuthorities(ca);
// Reading the clocks in this order makes the difference too small rather than too large, so that
// renewals look older.
const sharedMs = processMs();
const offsetMs = sharedMs - systemClock.monotonic();
const calls = await connectWorker(server, { fetch, clock: systemClock, headers: () => headers, authorities });
const renewals = new RemoteRenewals({
  calls,
  clock: systemClock,
  hear: (round) => send({ round: { ...round, startedAt: round.startedAt + offsetMs } }),
  failed: (failed, error) => send({ failed, error: plainError(error) }),
});

port.on("message", (message: ToThread) => {
  if (message === "close") {
    renewals.stop();
    calls.close();
    port.close();
  } else if ("keep" in message) renewals.keep(message.keep, message.leaseMs);
  else if ("letGo" in message) renewals.letGo(message.letGo);
  else ({ headers } = message);
});
send("ready");

function send(message: FromThread): void {
  port.postMessage(message);
}

/** Not every error can be sent to another thread unchanged. */
function plainError(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error));
}
