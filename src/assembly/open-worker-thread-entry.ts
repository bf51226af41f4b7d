import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../core/invariant.ts";
import { systemClock } from "../core/ports/clock.ts";
import type { FromLeaseThread } from "../store/leases/lease-thread.ts";
import { type LeaseLink, renewLeases } from "../store/leases/thread-renewals.ts";
import { trustAuthorities } from "./authorities.ts";
import { renewByCalls } from "./open-worker-renewals.ts";
import { workerCalls } from "./open-worker-sending.ts";

/** The start data of the thread, besides its link. */
export interface RenewalThreadData {
  readonly server: string;
  readonly headers: Headers;
  /** Additional certificate authorities, as PEM; empty for none. */
  readonly ca: string;
}

/** Messages to the thread. */
export type ToRenewalThread = { readonly headers: Headers } | "close";

/** The headers of every call. */
type Headers = Readonly<Record<string, string>>;

/**
 * The thread that renews the leases of a worker over the network, so that a handler that blocks the
 * event loop does not lose its lease.
 */
invariant(parentPort !== null, "open-worker-thread-entry.ts runs as a worker thread");
const port = parentPort;
const { server, ca, ...data } = workerData as RenewalThreadData & LeaseLink;
let { headers } = data;
const authorities = trustAuthorities(ca);
const calls = await workerCalls({ server, headers: () => headers, authorities }, systemClock);
const failed = (count: number, error: unknown): void => send({ failed: count, error: plainError(error) });
const stopRenewing = renewLeases(data, renewByCalls(calls, failed));

port.on("message", (message: ToRenewalThread) => {
  if (message !== "close") {
    ({ headers } = message);
    return;
  }
  stopRenewing();
  calls.close();
  send("closed");
});

send("ready");

function send(message: FromLeaseThread): void {
  port.postMessage(message);
}

/** Not every error can be sent to another thread unchanged. */
function plainError(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error));
}
