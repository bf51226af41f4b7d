import type { Clock, Timer } from "../core/ports/clock.ts";

interface Appointment {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that moves only when a test advances it. Wall time and monotonic time move together,
 * unless {@link setWall} changes the wall time.
 */
export class ManualClock implements Clock {
  #wallOffsetMs: number;
  #monotonicMs = 0;
  #order = 0;
  /** In the order in which they are due. */
  readonly #appointments: Appointment[] = [];

  /** @param startMs the wall time to begin with. @default 2026-01-01T00:00:00Z */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#wallOffsetMs = startMs;
  }

  now(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const appointment = { at: this.#monotonicMs + Math.max(delayMs, 0), order: this.#order++, callback };
    this.#appointments.splice(this.#placeOf(appointment), 0, appointment);
    return {
      cancel: () => {
        const place = this.#placeOf(appointment);
        if (this.#appointments[place] === appointment) this.#appointments.splice(place, 1);
      },
    };
  }

  /** Independent of the clock: the callback runs in the next turn of the event loop. */
  soon(callback: () => void): void {
    setImmediate(callback);
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#appointments.length;
  }

  /**
   * Sets the wall clock, like an administrator or a time server; monotonic time does not change.
   */
  setWall(nowMs: number): void {
    this.#wallOffsetMs = nowMs - this.#monotonicMs;
  }

  /**
   * Advances the clock and fires the due timers in order. After each timer it lets the resulting
   * promises settle. Resolves when no due timer is left.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await settled();
    for (;;) {
      const due = this.#appointments[0];
      if (due === undefined || due.at > end) break;
      this.#appointments.shift();
      this.#monotonicMs = Math.max(this.#monotonicMs, due.at);
      due.callback();
      await settled();
    }
    this.#monotonicMs = end;
  }

  /** How many appointments are due before it. Tests set thousands of timers. */
  #placeOf({ at, order }: Appointment): number {
    let low = 0;
    for (let high = this.#appointments.length; low < high; ) {
      const middle = (low + high) >>> 1;
      const each = this.#appointments[middle];
      if (each !== undefined && (each.at - at || each.order - order) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Resolves when all ready promises and messages have run: a few turns of the event loop, without
 * time.
 */
export async function settled(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
