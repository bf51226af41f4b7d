import { LIMITS } from "../limits.ts";
import type { Operation } from "./operation.ts";

/**
 * Workers that have no store, as records name them. No id of a process on the store has a colon.
 *
 * Such a worker claims over a connection, and the answer to its claim may be lost on the way. So the first lease of its attempt is
 * short, and the first renewal *confirms* the attempt. Nothing is stored to tell: a renewal leaves the lease to end later than any
 * first lease does. Only where a worker asks for leases that are as short as a first lease may an attempt that it has renewed look
 * unconfirmed, until it is as old as the difference.
 *
 * @see docs/decisions/0073-an-attempt-is-unconfirmed-until-it-is-renewed.md
 */

const PREFIX = "remote:";

/** The name of a worker without the store, as a record keeps it. */
export function remoteWorker(name: string): string {
  return PREFIX + name;
}

/** Whether the worker of an attempt has no store. */
export function isRemoteWorker(worker: string | null): boolean {
  return worker?.startsWith(PREFIX) === true;
}

/** How long the first lease of an attempt is, of a worker that asks for leases of so long. */
export function firstLeaseMs(leaseMs: number): number {
  return Math.min(leaseMs, LIMITS.remoteFirstLeaseMs);
}

/**
 * Whether the worker of a running attempt may not know that it has it, so that its end does not count. Of one operation
 * that is believed so often and no more: it may be the operation that ends its workers.
 */
export function isUnconfirmed(operation: Operation): boolean {
  const { worker, leaseTime, attemptTime, attempts } = operation;
  if (!isRemoteWorker(worker) || leaseTime === null || attemptTime === null) return false;
  if (leaseTime - attemptTime > LIMITS.remoteFirstLeaseMs + LIMITS.remoteFirstLeaseSlackMs) return false;
  return attempts.filter(({ how }) => how === "unconfirmed").length < LIMITS.unconfirmedMax;
}
