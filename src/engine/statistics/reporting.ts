import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { ProcessRow, StatisticsStore } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Service } from "../service.ts";
import type { NetworkWorkers } from "../workers/network-workers.ts";
import type { Tally } from "./tally.ts";

/** This process as operators see it: its constant and its changing facts. */
export interface ReportedProcess {
  readonly fixed: Omit<ProcessRow, "startTime" | "seenTime" | "running" | "draining">;
  /** Handlers that are running. */
  readonly running: () => number;
  readonly draining: () => boolean;
}

/** The parts of {@link Reporting}. */
export interface ReportingParts {
  readonly store: Pick<Store, "time"> & { readonly statistics: Pick<StatisticsStore, "add" | "see"> };
  readonly tally: Tally;
  readonly process: ReportedProcess;
  /** The workers over the network that call this process. @default none */
  readonly callers?: Pick<NetworkWorkers, "rows">;
  readonly clock: Clock;
  readonly tell: Tell;
}

/**
 * Reports the counts of this process at the end of each interval of the store's clock, so that each
 * report lies within one minute.
 *
 * If nothing changed and no handler runs, it reports rarely, only to show that the process is
 * alive. Counts of a failed report go into the next one, without values that the store can never
 * keep. Failures have no other effect.
 */
export class Reporting implements Service {
  readonly #parts: ReportingParts;
  readonly #startTime: number;
  #timer: Timer | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = true;
  /** The start of the current counts. */
  #since: number;
  #toldTime = Number.NEGATIVE_INFINITY;
  #wasDraining = false;
  #isFailing = false;

  constructor(parts: ReportingParts) {
    this.#parts = parts;
    this.#startTime = parts.store.time();
    this.#since = this.#startTime;
  }

  start(): void {
    this.#stopped = false;
    this.#underWay = this.#report(true).then(() => this.#arm());
  }

  /** Reports the remaining counts. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#underWay;
    await this.#report(true);
    await this.#reportCallers(true);
  }

  #arm(): void {
    if (this.#stopped) return;
    const { clock, store } = this.#parts;
    const leftMs = LIMITS.reportMs - (store.time() % LIMITS.reportMs);
    this.#timer = clock.after(leftMs, () => {
      this.#underWay = this.#report(false)
        .then(() => this.#reportCallers(false))
        .then(() => this.#arm());
    });
  }

  /** Never rejects. A row that is lost is reported again with its next change, or after a while. */
  async #reportCallers(isLast: boolean): Promise<void> {
    const { store, process, callers } = this.#parts;
    try {
      await store.statistics.see(callers?.rows(process.fixed, isLast) ?? []);
    } catch {
      // The process's own report tells of it.
    }
  }

  /** Never rejects. */
  async #report(isAsked: boolean): Promise<void> {
    const { store, tally, process, tell } = this.#parts;
    const now = store.time();
    const tallied = tally.take();
    const row = { ...process.fixed, running: process.running(), draining: process.draining() };
    const isNew = tallied.methods.size > 0 || row.running > 0 || row.draining !== this.#wasDraining;
    if (!isAsked && !isNew && now - this.#toldTime < LIMITS.reportIdleMs) {
      this.#since = now;
      return;
    }
    const report = {
      time: this.#since,
      process: { ...row, startTime: this.#startTime, seenTime: now },
      ...tallied,
    };
    this.#since = now;
    try {
      const refused = await store.statistics.add(report);
      if (refused !== undefined) tell["statistics.refused"]?.({ ...refused });
      [this.#toldTime, this.#wasDraining] = [now, row.draining];
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) tell["statistics.interrupted"]?.({ error });
      this.#isFailing = true;
    }
  }
}
