import type { Clock, Timer } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import type { Service } from "../service.ts";
import type { Watching } from "../watching/watching.ts";
import type { Waiters } from "./waiters.ts";

/** Looking takes this part of the time at most, however many wait. */
const BUSY_PART = 1 / 20;
/** A look may have taken long because the store was away, and ends were told to nobody meanwhile. */
const PAUSE_MS_MAX = 5_000;

/**
 * Looks after those who wait, and who watch, where other processes end their operations: the hint that would let them go may be lost. All
 * who wait are looked after together, a thousand operations at a time, and nobody waiting costs nothing. Where the store
 * tells of every change, this does nothing at all.
 */
export class WaiterPolls implements Service {
  readonly #store: Pick<Store, "over" | "pollMs">;
  readonly #waiters: Pick<Waiters, "ids" | "notice">;
  readonly #watching: Pick<Watching, "look"> | undefined;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #stopped = true;

  constructor(parts: {
    readonly store: Pick<Store, "over" | "pollMs">;
    readonly waiters: Pick<Waiters, "ids" | "notice">;
    /** Those who watch. @default nobody does */
    readonly watching?: Pick<Watching, "look"> | undefined;
    readonly clock: Clock;
  }) {
    this.#store = parts.store;
    this.#waiters = parts.waiters;
    this.#watching = parts.watching;
    this.#clock = parts.clock;
  }

  start(): void {
    const { pollMs } = this.#store;
    if (pollMs === null) return;
    this.#stopped = false;
    this.#next(pollMs, pollMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#round;
  }

  #next(delayMs: number, pollMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(delayMs, () => {
      const startedAt = this.#clock.monotonic();
      this.#round = Promise.all([this.#look(), this.#watching?.look()]).finally(() => {
        const tookMs = this.#clock.monotonic() - startedAt;
        this.#next(Math.max(pollMs, Math.min(tookMs / BUSY_PART, PAUSE_MS_MAX)), pollMs);
      });
    });
  }

  /** Never rejects: a store that is away is looked at again. */
  async #look(): Promise<void> {
    const { ids } = this.#waiters;
    for (let from = 0; from < ids.length && !this.#stopped; from += LIMITS.writeBatchMax) {
      const some = ids.slice(from, from + LIMITS.writeBatchMax);
      const over = await this.#store.over(some).catch(() => undefined);
      if (over === undefined) return;
      this.#waiters.notice(over.map(gone));
    }
  }
}

/** What lets waiters go. How the operation ended, if it is there, they read themselves. */
function gone(id: string): Change {
  return { id, method: "", state: null, availableTime: 0, cancelRequested: false };
}
