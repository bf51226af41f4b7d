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
  #appointments: Appointment[] = [];

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
    this.#appointments.push(appointment);
    return {
      cancel: () => {
        this.#appointments = this.#appointments.filter((each) => each !== appointment);
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

  /** Sets the wall to another time, as an administrator or a time server does; monotonic time does not notice. */
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
      const due = this.#appointments
        .filter((each) => each.at <= end)
        .toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      if (due === undefined) break;
      this.#appointments = this.#appointments.filter((each) => each !== due);
      this.#monotonicMs = Math.max(this.#monotonicMs, due.at);
      due.callback();
      await settled();
    }
    this.#monotonicMs = end;
  }
}

/** Resolves when the promises and messages that are ready now have run: a few turns of the event loop, no time. */
export async function settled(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
