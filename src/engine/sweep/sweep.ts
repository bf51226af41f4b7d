import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { DueQuery, Store } from "../../core/ports/store.ts";
import type { Service } from "../service.ts";
import { Loop, type LoopTask, Rests } from "./loop.ts";
import { Overdue, type OverdueParts } from "./overdue.ts";
import { Purge } from "./purge.ts";

/**
 * Ends what time has ended: expired leases, passed deadlines, and records past their time to live.
 * Each has its own loop, so that none delays another. A loop with work left continues soon.
 * Otherwise it looks again after `LIMITS.sweepIntervalMs`, or later if looks are costly (`Rests`).
 * All loops look at the same moment, so that a store can combine their looks. Processes take turns.
 * If claims depend on notices, a fourth loop looks for work that nobody took.
 */
export class Sweep implements Service {
  readonly #overdue: Overdue;
  readonly #purge: Purge;
  readonly #loops: readonly Loop[];

  constructor(parts: OverdueParts) {
    this.#overdue = new Overdue(parts);
    this.#purge = new Purge(parts);
    const { neighbours } = parts.records.store;
    const tasks: LoopTask[] = [
      this.#walk("expired leases", "lease"),
      this.#walk("passed deadlines", "deadline"),
      { name: "records past their time to live", run: () => this.#purge.round() },
    ];
    const isTurn = (): boolean => neighbours?.isTurn() ?? true;
    const { store, tally } = parts.records;
    if (tally !== undefined) tasks.push(merging(store, parts.clock));
    const turned = tasks.map((task) => inTurn(task, isTurn));
    if (neighbours?.look !== undefined) turned.push(looking(neighbours.look, parts.clock));
    this.#loops = turned.map((task) => new Loop({ ...parts, task }));
  }

  /** Begins immediately: after a crash, callers of lost attempts have waited long enough. */
  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  /** Ends everything that is due, and purges once. For tests that run the sweep by hand. */
  async round(): Promise<void> {
    await this.#overdue.walk("lease");
    await this.#overdue.walk("deadline");
    await this.#purge.round();
  }

  #walk(name: string, by: DueQuery["by"]): LoopTask {
    const rests = new Rests();
    return { name, run: async (goesOn) => rests.after(await this.#overdue.walk(by, goesOn)) };
  }
}

/**
 * If several processes live, each does a round in turn. A process with work left continues; others
 * wait for their turn.
 */
function inTurn(task: LoopTask, isTurn: () => boolean): LoopTask {
  let pauseMs: number = LIMITS.sweepIntervalMs;
  return {
    name: task.name,
    run: async (goesOn) => {
      if (pauseMs >= LIMITS.sweepIntervalMs && !isTurn()) return LIMITS.sweepIntervalMs;
      pauseMs = await task.run(goesOn);
      return pauseMs;
    },
  };
}

/** Looks once a minute for counts to merge or to remove. */
function merging(store: Pick<Store, "statistics" | "time">, clock: Clock): LoopTask {
  let nextAt = clock.monotonic() + LIMITS.mergeIntervalMs;
  return {
    name: "statistics",
    run: async () => {
      if (clock.monotonic() < nextAt) return LIMITS.sweepIntervalMs;
      if (await store.statistics.merge(store.time())) return MERGE_PAUSE_MS;
      nextAt = clock.monotonic() + LIMITS.mergeIntervalMs;
      return LIMITS.sweepIntervalMs;
    },
  };
}

/** The pause between merges, for other work on the store. */
const MERGE_PAUSE_MS = 50;

/** Looks for work without a notice. */
function looking(look: () => Promise<void>, clock: Pick<Clock, "monotonic">): LoopTask {
  const rests = new Rests();
  return {
    name: "work that nobody took",
    run: async () => {
      const startedAt = clock.monotonic();
      await look();
      return rests.after(clock.monotonic() - startedAt);
    },
  };
}
