import { serviceError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Method } from "../../core/method/method.ts";
import { checkOneParent } from "../../core/operation/collection.ts";
import { firstLeaseMs, remoteWorker } from "../../core/operation/remote-worker.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { identifierViolation } from "../../core/value/text.ts";
import type { ClaimRequest } from "./worker-calls.ts";

/** A valid claim. */
export interface AskedClaim {
  /** Empty for all collections. */
  readonly parent: string;
  /** Without duplicates. */
  readonly methods: readonly string[];
  /** The worker's name in records. */
  readonly worker: string;
  readonly limit: number;
  /** The length of the first lease. */
  readonly leaseMs: number;
  readonly waitMs: number;
  /** Empty for none. */
  readonly requestId: string;
  /** Empty for none. */
  readonly workerVersion: string;
}

/**
 * Validates a worker's claim.
 *
 * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID, NAME_INVALID; NOT_FOUND METHOD_NOT_FOUND
 */
export function checkClaim(request: ClaimRequest, methods: ReadonlyMap<string, Method>): AskedClaim {
  const { limit = 0, timeoutMs = 0, requestId, workerVersion } = request;
  const { remoteMethodsMax, remoteEntriesMax, claimWaitMsMax, serverTimeoutMarginMs } = LIMITS;
  checkCount("methods", request.methods.length, remoteMethodsMax);
  checkText("worker", request.worker, LIMITS.remoteWorkerLengthMax);
  if (request.worker === "")
    throw invalid("worker", "expected a name for operators, such as host-3/4711, got nothing");
  checkText("worker_version", workerVersion, LIMITS.remoteWorkerLengthMax);
  if (!Number.isInteger(limit) || limit < 0 || limit > remoteEntriesMax)
    throw invalid("limit", `expected a whole number from 0 to ${remoteEntriesMax}, got ${limit}`);
  if (!(timeoutMs >= 0)) throw invalid("timeout", `expected 0s or more, got ${formatDuration(timeoutMs)}`);
  checkText("request_id", requestId, LIMITS.requestIdLengthMax);
  const lease = checkLease(request.leaseMs);
  for (const name of request.methods) if (!methods.has(name)) throw unknownMethod(name);
  const wait = Math.min(timeoutMs, claimWaitMsMax);
  return {
    parent: checkOneParent(request.parent),
    methods: [...new Set(request.methods)],
    worker: remoteWorker(request.worker),
    limit: limit === 0 ? 1 : limit,
    leaseMs: firstLeaseMs(lease),
    // The answer needs time to travel, and the worker gives up at the end of its timeout.
    waitMs: wait - Math.min(serverTimeoutMarginMs, wait / 10),
    requestId,
    workerVersion,
  };
}

/** Validates the length of a lease. @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID */
export function checkLease(leaseMs: number = LIMITS.remoteLeaseMs): number {
  const { remoteLeaseMsMin, remoteLeaseMsMax } = LIMITS;
  if (leaseMs >= remoteLeaseMsMin && leaseMs <= remoteLeaseMsMax) return Math.round(leaseMs);
  const [min, max, got] = [remoteLeaseMsMin, remoteLeaseMsMax, leaseMs].map(formatDuration);
  throw invalid("lease", `expected ${min} to ${max}, got ${got}`);
}

/**
 * Validates the delay before another claim or attempt. @throws {StatusError} as {@link checkLease}
 */
export function checkDelay(field: string, delayMs: number): number {
  if (delayMs >= 0 && delayMs <= LIMITS.delayMsMax) return Math.round(delayMs);
  const [max, got] = [LIMITS.delayMsMax, delayMs].map(formatDuration);
  throw invalid(field, `expected 0s to ${max}, got ${got}`);
}

/** Validates the number of entries in a call. @throws {StatusError} as {@link checkLease} */
export function checkCount(field: string, count: number, max: number = LIMITS.remoteEntriesMax): void {
  if (count < 1 || count > max) throw invalid(field, `expected 1 to ${max}, got ${count}`);
}

/** The error for a method that is not declared. */
export function unknownMethod(name: string): Error {
  const shown = name.slice(0, 100);
  return serviceError("METHOD_NOT_FOUND", `Method "${shown}" is not declared.`, {
    metadata: { method: shown },
  });
}

function checkText(field: string, text: string, lengthMax: number): void {
  const violation = identifierViolation(text);
  if (violation !== undefined) throw invalid(field, violation);
  const length = text.length <= lengthMax ? 0 : [...text].length;
  if (length > lengthMax) throw invalid(field, `expected ${lengthMax} characters at most, got ${length}`);
}

function invalid(field: string, rule: string): Error {
  return fieldError("CLAIM_INVALID", { field, description: `Invalid ${field}: ${rule}.` });
}
