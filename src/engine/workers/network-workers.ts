import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { ProcessRow } from "../../core/ports/statistics-store.ts";
import type { AskedClaim } from "./claim-checks.ts";
import type { Claim, ClaimedAttempt } from "./worker-calls.ts";
import { Recent } from "../../core/value/recent.ts";

/** The parts of {@link NetworkWorkers}. */
export interface NetworkWorkersParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** The store's time. */
  readonly time: () => number;
}

/**
 * The workers without the store that call this process, for operators. A worker is known by the
 * name that it gives; several workers with one name are one. Nothing is written for a call:
 * `Reporting` writes {@link rows} with its own report.
 *
 * A worker *holds* an attempt from the claim until its outcome, or until its lease has passed
 * without a renewal, as far as these calls came to this process. The newest workers and attempts
 * are known, limited by number.
 */
export class NetworkWorkers {
  readonly #parts: NetworkWorkersParts;
  /** By name; the one that called last is the last. */
  readonly #known = new Recent<string, Known>(LIMITS.networkWorkersMax);
  /** The held attempts, oldest first. */
  readonly #held = new Recent<string, Held>(LIMITS.rememberedAttemptsMax);

  constructor(parts: NetworkWorkersParts) {
    this.#parts = parts;
  }

  /** A claim begins. @returns a function to call at its end */
  claiming({ worker, workerVersion, methods, limit }: ClaimingWorker): () => void {
    const now = this.#parts.time();
    const known = this.#known.get(worker) ?? {
      startTime: now,
      claims: 0,
      places: 0,
      version: workerVersion,
      methods,
      seenTime: now,
      told: "",
      toldTime: 0,
    };
    known.version = workerVersion;
    known.methods = methods;
    known.claims++;
    known.places += limit;
    this.#see(worker, known);
    return () => {
      known.claims--;
      known.places -= limit;
      known.seenTime = this.#parts.time();
    };
  }

  /** Attempts were handed to a worker. */
  claimed(worker: string, claims: readonly Claim[]): void {
    const now = this.#parts.clock.monotonic();
    for (const { attempt, leaseMs } of claims)
      this.#held.set(keyOf(attempt), { worker, until: now + leaseMs });
  }

  /** The lease of an attempt was renewed. */
  renewed(attempt: ClaimedAttempt, leaseMs: number): void {
    const held = this.#held.get(keyOf(attempt));
    if (held === undefined) return;
    held.until = this.#parts.clock.monotonic() + leaseMs;
    this.#heard(held.worker);
  }

  /** An attempt has ended. */
  ended(attempt: ClaimedAttempt): void {
    const key = keyOf(attempt);
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#heard(held.worker);
  }

  /**
   * The rows to report now: those that have changed, and unchanged ones rarely; a limited number,
   * so that the next report has the rest. A worker that is gone is in a last row.
   *
   * @param process the process that reports them, which is a part of their identity
   * @param isLast whether the process stops; then each worker is in a last row. @default false
   */
  rows(process: Pick<ProcessRow, "id" | "host" | "pid">, isLast = false): readonly ProcessRow[] {
    if (this.#known.size === 0) return [];
    const now = this.#parts.time();
    const running = this.#running();
    const rows: ProcessRow[] = [];
    const known = [...this.#known].toSorted((a, b) => a.value.toldTime - b.value.toldTime);
    for (const { key: name, value: worker } of known) {
      if (rows.length >= LIMITS.networkWorkersReportedMax && !isLast) break;
      const isConnected = worker.claims > 0;
      if (isConnected) worker.seenTime = now;
      const held = running.get(name) ?? 0;
      const isGone = !isConnected && held === 0 && now - worker.seenTime >= LIMITS.networkWorkerGoneMs;
      const draining = isLast || isGone;
      const { startTime, seenTime, version, methods } = worker;
      const slots = Math.max(1, held + worker.places);
      const told = JSON.stringify([held, slots, draining, version, methods, isConnected]);
      if (told === worker.told && now - worker.toldTime < LIMITS.reportIdleMs) continue;
      [worker.told, worker.toldTime] = [told, now];
      if (draining) this.#known.delete(name);
      const id = `${name} via ${process.id}`;
      const fixed = { host: process.host, pid: process.pid, version, role: "remote" } as const;
      rows.push({ ...fixed, id, startTime, seenTime, slots, running: held, draining, methods });
    }
    return rows;
  }

  /** The number of attempts that each worker holds; forgets those whose leases have passed. */
  #running(): ReadonlyMap<string, number> {
    const now = this.#parts.clock.monotonic();
    const counts = new Map<string, number>();
    for (const { key, value } of this.#held) {
      const { worker, until } = value;
      if (until <= now) this.#held.delete(key);
      else counts.set(worker, (counts.get(worker) ?? 0) + 1);
    }
    return counts;
  }

  #heard(worker: string): void {
    const known = this.#known.get(worker);
    if (known !== undefined) this.#see(worker, known);
  }

  #see(worker: string, known: Known): void {
    known.seenTime = this.#parts.time();
    this.#known.set(worker, known);
  }
}

type ClaimingWorker = Pick<AskedClaim, "worker" | "workerVersion" | "methods" | "limit">;

interface Known {
  readonly startTime: number;
  /** The version and the methods of the last claim. */
  version: string;
  methods: readonly string[];
  seenTime: number;
  /** Claims in progress, and how many operations they accept together. */
  claims: number;
  places: number;
  /** The last row that was reported, and its time. */
  told: string;
  toldTime: number;
}

interface Held {
  readonly worker: string;
  /** Monotonic: the end of the lease. */
  until: number;
}

const keyOf = ({ name, attempt }: ClaimedAttempt): string => `${name} ${attempt}`;
