import { fingerprintOf } from "../../core/fingerprint.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { FailureCount } from "../../core/ports/statistics-store.ts";
import type { MethodCounts } from "../../core/statistics/counts.ts";
import { BUCKETS, bucketOf, type Histogram } from "../../core/statistics/histogram.ts";
import { periodStart } from "../../core/statistics/periods.ts";

/** The counts since the last call of {@link Tally.take}. */
export interface Tallied {
  readonly methods: ReadonlyMap<string, MethodCounts>;
  readonly failures: readonly FailureCount[];
}

/** The name for everything beyond the limits on names. */
export const OTHER = "other";

/**
 * Counts changes by this process, from the records that it has written. So each start, first
 * attempt and end is counted once, by exactly one process.
 */
export class Tally {
  /** By method. Methods without recent changes stay, because the number of names is limited. */
  readonly #methods = new Map<string, MethodTally>();
  #failures = new Map<string, FailureCount>();
  /** The kinds of failures in the current hour. */
  #kinds = new Set<string>();
  #hour = 0;

  started(operation: Operation): void {
    this.#of(operation.method).started++;
    // The operation was stored as claimed.
    if (operation.attempt === 1) this.claimed(operation);
  }

  claimed({ method, attempt, attemptTime, availableTime }: Operation): void {
    if (attempt !== 1) return;
    const tally = this.#of(method);
    tally.began++;
    meet(tally.begin, (attemptTime ?? availableTime) - availableTime);
  }

  /** Counts the change from one record to the next. */
  changed(before: Operation, next: Operation): void {
    const ended = next.attempts === before.attempts ? undefined : next.attempts.at(-1)?.how;
    if (ended === undefined && !isDone(next)) return;
    const tally = this.#of(next.method);
    if (ended === "worker-lost") tally.workerLost++;
    if (ended === "failed" && !isDone(next)) tally.retried++;
    if (isDone(next)) this.#end(tally, next);
  }

  /** Returns the counts and resets them. */
  take(): Tallied {
    const methods = new Map<string, MethodCounts>();
    for (const [method, tally] of this.#methods) {
      if (tally.isEmpty) continue;
      methods.set(method, countsOf(tally));
      this.#methods.set(method, new MethodTally());
    }
    const failures = [...this.#failures.values()];
    this.#failures = new Map();
    return { methods, failures };
  }

  #end(tally: MethodTally, operation: Operation): void {
    const { state, attemptTime, endTime } = operation;
    if (state === "SUCCEEDED") {
      tally.succeeded++;
      if (attemptTime !== null) meet(tally.run, (endTime ?? attemptTime) - attemptTime);
    } else if (state === "CANCELLED") tally.cancelled++;
    else {
      tally.failed++;
      this.#fail(operation);
    }
  }

  #fail(operation: Operation): void {
    const fingerprint = fingerprintOf(operation);
    if (fingerprint === undefined) return;
    const time = operation.endTime ?? 0;
    const hour = periodStart(time, 3600);
    if (hour !== this.#hour) this.#kinds = new Set();
    this.#hour = hour;
    const isCounted = this.#kinds.has(fingerprint.key) || this.#kinds.size < LIMITS.failureKindsMax;
    if (isCounted) this.#kinds.add(fingerprint.key);
    const kind = isCounted ? { ...fingerprint, method: operation.method } : OTHER_KIND;
    const id = `${hour} ${kind.key}`;
    const known = this.#failures.get(id);
    this.#failures.set(id, {
      ...kind,
      hour,
      count: (known?.count ?? 0) + 1,
      firstTime: known?.firstTime ?? time,
      lastTime: time,
      sample: formatName(operation),
    });
  }

  #of(method: string): MethodTally {
    let tally = this.#methods.get(method);
    if (tally !== undefined) return tally;
    // The last place collects all methods without one of their own.
    if (method !== OTHER && this.#methods.size >= LIMITS.countedMethodsMax - 1) return this.#of(OTHER);
    this.#methods.set(method, (tally = new MethodTally()));
    return tally;
  }
}

const OTHER_KIND = { key: OTHER, method: "", code: "", reason: "", text: OTHER };

class MethodTally {
  started = 0;
  began = 0;
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  retried = 0;
  workerLost = 0;
  readonly begin = new Uint32Array(BUCKETS);
  readonly run = new Uint32Array(BUCKETS);

  get isEmpty(): boolean {
    const { started, began, succeeded, failed, cancelled, retried, workerLost } = this;
    return started + began + succeeded + failed + cancelled + retried + workerLost === 0;
  }
}

function countsOf({ begin, run, ...counts }: MethodTally): MethodCounts {
  return { ...counts, begin: histogramOf(begin), run: histogramOf(run) };
}

function meet(buckets: Uint32Array, ms: number): void {
  const bucket = bucketOf(ms);
  buckets[bucket] = (buckets[bucket] ?? 0) + 1;
}

function histogramOf(buckets: Uint32Array): Histogram {
  const histogram = new Map<number, number>();
  for (const [bucket, count] of buckets.entries()) if (count > 0) histogram.set(bucket, count);
  return histogram;
}
