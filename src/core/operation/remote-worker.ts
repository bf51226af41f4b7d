import { LIMITS } from "../limits.ts";
import type { Operation } from "./operation.ts";

/**
 * The names in records of workers that outlive the process with the store: workers without the
 * store, and the new owners of attempts that were handed over. Only these contain a colon.
 *
 * Such a worker claims over a network, and the answer to its claim may be lost. So the first lease
 * of its attempt is short, and the first renewal *confirms* the attempt. The record has no field
 * for this: a renewed lease ends later than any first lease. If a worker requests leases as short
 * as a first lease, its renewed attempt may look unconfirmed for a short time.
 *
 * @see docs/decisions/0073-an-attempt-is-unconfirmed-until-it-is-renewed.md
 */

const PREFIX = "remote:";

/** The prefix of a worker's name after it handed the attempt over. */
export const HANDED_OVER = "handed-over:";

/** The names of all workers that outlive the process with the store, as a GLOB pattern of SQLite. */
export const OUTLIVING_WORKERS = "*:*";

/** The name of a worker without the store, as stored in a record. */
export function remoteWorker(name: string): string {
  return PREFIX + name;
}

/** The name of a worker for operators; for a worker without the store, the name that it chose. */
export function shownWorker(worker: string): string {
  const prefix = [PREFIX, HANDED_OVER].find((each) => worker.startsWith(each)) ?? "";
  return worker.slice(prefix.length);
}

/** Whether an attempt's worker has no store. */
export function isRemoteWorker(worker: string | null): boolean {
  return worker?.startsWith(PREFIX) === true;
}

/** The length of an attempt's first lease, if its worker requests leases of `leaseMs`. */
export function firstLeaseMs(leaseMs: number): number {
  return Math.min(leaseMs, LIMITS.remoteFirstLeaseMs);
}

/**
 * Whether the worker of a running attempt may not know about it, so that its end does not count.
 * This applies only a few times per operation, because the operation itself may crash its workers.
 */
export function isUnconfirmed(operation: Operation): boolean {
  const { worker, leaseTime, attemptTime, attempts } = operation;
  if (!isRemoteWorker(worker) || leaseTime === null || attemptTime === null) return false;
  if (leaseTime - attemptTime > LIMITS.remoteFirstLeaseMs + LIMITS.remoteFirstLeaseSlackMs) return false;
  return attempts.filter(({ how }) => how === "unconfirmed").length < LIMITS.unconfirmedMax;
}
