import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { connectWorker } from "../client/worker-calls.ts";
import { LIMITS } from "../core/limits.ts";
import { systemClock, type Timer } from "../core/ports/clock.ts";
import { processMs } from "../store/leases/thread-renewals.ts";
import type { RemoteLease } from "../worker/remote/remote-lease.ts";
import { trustAuthorities } from "./authorities.ts";
import { RemoteRenewals } from "./open-worker-renewals.ts";
import type { FromThread, LeasesForThread, RenewalThreadData, ToThread } from "./open-worker-thread.ts";

/**
 * The thread that renews the leases of a worker over the network, so that a handler that blocks the
 * event loop does not lose its lease.
 */
const { port, leases, awake, server, ca, ...data } = workerData as RenewalThreadData;
let { headers } = data;
let look: Timer | undefined;
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
    look?.cancel();
    renewals.stop();
    calls.close();
    leases.close();
    port.close();
  } else if (message === "wake") readLeases();
  else ({ headers } = message);
});

/** Reads the waiting leases, and looks again after a moment as long as there were any. */
function readLeases(): void {
  if (!takeLeases()) {
    Atomics.store(awake, 0, 0);
    // Those that came meanwhile did not wake this thread.
    if (!takeLeases()) return;
    Atomics.store(awake, 0, 1);
  }
  look?.cancel();
  look = systemClock.after(LIMITS.leaseLookMs, readLeases);
}

function takeLeases(): boolean {
  for (let count = 0; ; count++) {
    const received = receiveMessageOnPort(leases);
    if (received === undefined) return count > 0;
    const { kept, letGo, sentAt } = received.message as LeasesForThread;
    const lateMs = processMs() - sentAt;
    for (const { lease, leaseMs } of kept) {
      const late: RemoteLease = { ...lease, leftMs: lease.leftMs - lateMs };
      renewals.keep(late, leaseMs);
    }
    for (const lease of letGo) renewals.letGo(lease);
  }
}

send("ready");

function send(message: FromThread): void {
  port.postMessage(message);
}

/** Not every error can be sent to another thread unchanged. */
function plainError(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error));
}
