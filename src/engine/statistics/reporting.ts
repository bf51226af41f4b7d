import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { ProcessRow, StatisticsStore } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Service } from "../service.ts";
import type { Tally } from "./tally.ts";

/** What this process is to operators: what never changes, and what does. */
export interface ReportedProcess {
  readonly fixed: Omit<ProcessRow, "startTime" | "seenTime" | "running" | "draining">;
  /** Handlers that run now. */
  readonly running: () => number;
  readonly draining: () => boolean;
}

/** What it is made with. */
export interface ReportingParts {
  readonly store: Pick<Store, "time"> & { readonly statistics: Pick<StatisticsStore, "add"> };
  readonly tally: Tally;
  readonly process: ReportedProcess;
  readonly clock: Clock;
  readonly tell: Tell;
}

/**
 * Reports what this process counted, in the ends of intervals of the store's clock: so what a report holds is of one minute.
 *
 * Where nothing changed and nothing runs, it reports seldom, only so that the process is seen. A report that cannot be
 * written is written with the next one, without what the store can never keep; nothing else is the worse for it.
 */
export class Reporting implements Service {
  readonly #parts: ReportingParts;
  readonly #startTime: number;
  #timer: Timer | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = true;
  /** Since when it is counted. */
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

  /** What was counted by now is reported. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#underWay;
    await this.#report(true);
  }

  #arm(): void {
    if (this.#stopped) return;
    const { clock, store } = this.#parts;
    const leftMs = LIMITS.reportMs - (store.time() % LIMITS.reportMs);
    this.#timer = clock.after(leftMs, () => {
      this.#underWay = this.#report(false).then(() => this.#arm());
    });
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
