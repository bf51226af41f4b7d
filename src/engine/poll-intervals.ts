import { LIMITS } from "../core/limits.ts";
import { isDone, type Operation, scheduleTimeOf } from "../core/operation/operation.ts";

/** How much the newest operation counts in a method's typical duration: an eighth, as in TCP's estimate of round trips (RFC 6298). */
const NEWEST_WEIGHT = 1 / 8;

/** A poll comes at most this part of the whole duration late. */
const LATE_PART = 1 / 20;

/**
 * How long we recommend to wait between polls: short at first, for operations that end early; growing with the age; and in
 * the end a twentieth of how long the operation takes, as far as that can be known: as long as the method's operations
 * typically do, or as long as it has taken already, whichever is more. Without experience of the method, never below
 * `LIMITS.pollIntervalMs`.
 *
 * @param ageMs since the start
 * @param typicalMs how long operations of the method take; undefined where it is not known
 * @returns whole milliseconds, within the limits
 */
export function pollIntervalMs(ageMs: number, typicalMs: number | undefined): number {
  const least = typicalMs === undefined ? LIMITS.pollIntervalMs : LIMITS.pollIntervalMsMin;
  const part = Math.max(ageMs, typicalMs ?? 0) * LATE_PART;
  const growing = Math.max(ageMs / 2, LIMITS.pollIntervalMs);
  return roughly(Math.min(Math.max(Math.min(part, growing), least), LIMITS.pollIntervalMsMax));
}

/** Two digits are enough, and the same recommendation is told for a while. */
function roughly(ms: number): number {
  return Number(ms.toPrecision(2));
}

/** From when on something can happen. */
function beginOf(operation: Operation): number {
  return scheduleTimeOf(operation) ?? operation.createTime;
}

/** The recommendations of this process, from the operations that it saw succeed. Kept in memory: a restart begins anew. */
export class PollIntervals {
  readonly #now: () => number;
  readonly #typicalMs = new Map<string, number>();

  /** @param now the store's clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Learns from an operation that has succeeded; others say little about how long the work takes. */
  learn(operation: Operation): void {
    if (operation.state !== "SUCCEEDED" || operation.endTime === null) return;
    const durationMs = Math.max(0, operation.endTime - beginOf(operation));
    const before = this.#typicalMs.get(operation.method);
    const after = before === undefined ? durationMs : before + (durationMs - before) * NEWEST_WEIGHT;
    this.#typicalMs.set(operation.method, after);
  }

  /** The recommendation for an operation that is not done. */
  of(operation: Operation): number {
    if (isDone(operation)) return LIMITS.pollIntervalMsMin;
    const ageMs = this.#now() - beginOf(operation);
    // Delayed: nothing happens before its time.
    if (ageMs < 0)
      return roughly(Math.min(Math.max(-ageMs, LIMITS.pollIntervalMs), LIMITS.pollIntervalMsMax));
    return pollIntervalMs(ageMs, this.#typicalMs.get(operation.method));
  }
}
