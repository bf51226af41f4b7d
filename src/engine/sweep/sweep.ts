import { LIMITS } from "../../core/limits.ts";
import type { DueQuery } from "../../core/ports/store.ts";
import type { Service } from "../service.ts";
import { Loop, type LoopTask } from "./loop.ts";
import { Overdue, type OverdueParts } from "./overdue.ts";
import { Purge } from "./purge.ts";

/**
 * Ends what time has ended: leases that expired, deadlines that passed, records past their time to live. Each of the three has a
 * loop of its own, so that none delays another. A loop that finds more than it may take at once goes on soon; one that is through
 * looks again after `LIMITS.sweepIntervalMs`.
 */
export class Sweep implements Service {
  readonly #overdue: Overdue;
  readonly #purge: Purge;
  readonly #loops: readonly Loop[];

  constructor(parts: OverdueParts) {
    this.#overdue = new Overdue(parts);
    this.#purge = new Purge(parts);
    const tasks: readonly LoopTask[] = [
      this.#walk("expired leases", "lease"),
      this.#walk("passed deadlines", "deadline"),
      { name: "records past their time to live", run: () => this.#purge.round() },
    ];
    this.#loops = tasks.map((task) => new Loop({ ...parts, task }));
  }

  /** At once: after a crash there are attempts to end, and their callers have waited long enough. */
  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  /** Everything that is due now, and one bounded purge. For tests, which turn the sweep by hand. */
  async round(): Promise<void> {
    await this.#overdue.walk("lease");
    await this.#overdue.walk("deadline");
    await this.#purge.round();
  }

  #walk(name: string, by: DueQuery["by"]): LoopTask {
    return {
      name,
      run: async (goesOn) => {
        await this.#overdue.walk(by, goesOn);
        return LIMITS.sweepIntervalMs;
      },
    };
  }
}
