import type { Clock, Timer } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import type { Service } from "../service.ts";
import type { Watching } from "../watching/watching.ts";
import type { Waiters } from "./waiters.ts";

/** The largest part of the time that polling may take, for any number of waiters. */
const BUSY_PART = 1 / 20;
/** A poll may be slow because the store was unreachable; ends were not announced in that time. */
const PAUSE_MS_MAX = 5_000;

/**
 * Polls for waiters and watchers, because the hint about an end in another process may be lost. It
 * polls for all of them together, a thousand operations per statement. Without waiters it does
 * nothing, and neither if the store announces every change.
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
    /** The watchers. @default none */
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

  /** Never rejects: after an error the next poll tries again. */
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

/** A change that wakes waiters. They read the operation themselves. */
function gone(id: string): Change {
  return { id, method: "", state: null, availableTime: 0, cancelRequested: false };
}
