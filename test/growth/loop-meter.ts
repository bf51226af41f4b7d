import { threadMs } from "./growth.ts";

/** The cost of an event loop. */
export interface Cost {
  /** The processor time of the loop's thread, over all turns, without other processes. */
  readonly totalMs: number;
  /** The longest turn: for this time, nothing else could use the loop. */
  readonly longestTurnMs: number;
}

/**
 * Measures every turn of this thread's event loop. Meanwhile, turns follow each other without a
 * pause.
 */
export class LoopMeter {
  #total = 0;
  #longest = 0;
  #last = threadMs();

  constructor() {
    const turn = (): void => {
      this.#note();
      setImmediate(turn).unref();
    };
    turn();
  }

  /** The cost since the last reading. */
  read(): Cost {
    this.#note();
    const cost = { totalMs: this.#total, longestTurnMs: this.#longest };
    this.#total = 0;
    this.#longest = 0;
    return cost;
  }

  #note(): void {
    const now = threadMs();
    const spent = now - this.#last;
    this.#last = now;
    this.#total += spent;
    this.#longest = Math.max(this.#longest, spent);
  }
}
