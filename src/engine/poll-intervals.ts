import { LIMITS } from "../core/limits.ts";
import { isDone, type Operation, scheduleTimeOf } from "../core/operation/operation.ts";

/**
 * The weight of the newest operation in a method's typical duration: an eighth, as in TCP's
 * estimate of round trips (RFC 6298).
 */
const NEWEST_WEIGHT = 1 / 8;

/** A poll is late by at most this part of the whole duration. */
const LATE_PART = 1 / 20;

/**
 * The recommended interval between polls. It is short for young operations and grows with the age,
 * up to a twentieth of the expected duration: the typical duration of the method, or the age of the
 * operation if that is longer. Without a known typical duration it is at least
 * `LIMITS.pollIntervalMs`.
 *
 * @param ageMs since the start
 * @param typicalMs the typical duration of the method's operations; undefined if unknown
 * @returns whole milliseconds, within the limits
 */
export function pollIntervalMs(ageMs: number, typicalMs: number | undefined): number {
  const least = typicalMs === undefined ? LIMITS.pollIntervalMs : LIMITS.pollIntervalMsMin;
  const part = Math.max(ageMs, typicalMs ?? 0) * LATE_PART;
  const growing = Math.max(ageMs / 2, LIMITS.pollIntervalMs);
  return roughly(Math.min(Math.max(Math.min(part, growing), least), LIMITS.pollIntervalMsMax));
}

/** Two significant digits are enough; the recommendation then changes less often. */
function roughly(ms: number): number {
  return Number(ms.toPrecision(2));
}

/** The earliest time of any change. */
function beginOf(operation: Operation): number {
  return scheduleTimeOf(operation) ?? operation.createTime;
}

/**
 * The recommendations of this process, learned from the operations that it saw succeed. They are in
 * memory and lost on a restart.
 */
export class PollIntervals {
  readonly #now: () => number;
  readonly #typicalMs = new Map<string, number>();

  /** @param now the store's clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Learns from a successful operation; other outcomes say little about the duration. */
  learn(operation: Operation): void {
    if (operation.state !== "SUCCEEDED" || operation.endTime === null) return;
    const durationMs = Math.max(0, operation.endTime - beginOf(operation));
    const before = this.#typicalMs.get(operation.method);
    const after = before === undefined ? durationMs : before + (durationMs - before) * NEWEST_WEIGHT;
    this.#typicalMs.set(operation.method, after);
  }

  /** The recommendation for an unfinished operation. */
  of(operation: Operation): number {
    if (isDone(operation)) return LIMITS.pollIntervalMsMin;
    const ageMs = this.#now() - beginOf(operation);
    // A delayed operation does not change before its time.
    if (ageMs < 0)
      return roughly(Math.min(Math.max(-ageMs, LIMITS.pollIntervalMs), LIMITS.pollIntervalMsMax));
    return pollIntervalMs(ageMs, this.#typicalMs.get(operation.method));
  }
}
