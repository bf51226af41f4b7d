import type { Clock, Timer } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Service } from "../service.ts";

/** The task of a loop. */
export interface LoopTask {
  /** The part of the sweep, for events. */
  readonly name: string;
  /**
   * Executes one round. It calls `goesOn` between its steps.
   *
   * @returns milliseconds until the next round
   */
  run(goesOn: () => boolean): Promise<number>;
}

/**
 * The pause after a complete look: the costlier the looks, the longer the pause. It is a whole
 * number of intervals, so that all loops stay on the common beat, and at most twice the pause
 * before, because a process or its store may have stalled just once.
 */
export class Rests {
  #restMs: number = LIMITS.sweepIntervalMs;

  /**
   * @param lookMs the duration of the look, without the changes that follow. @returns milliseconds
   */
  after(lookMs: number): number {
    const { sweepIntervalMs, sweepRestTimes, sweepRestMsMax } = LIMITS;
    const wantedMs = Math.min(lookMs * sweepRestTimes, 2 * this.#restMs, sweepRestMsMax);
    this.#restMs = Math.max(1, Math.ceil(wantedMs / sweepIntervalMs)) * sweepIntervalMs;
    return this.#restMs;
  }
}

/**
 * Repeats a task until it is stopped. It repeats a failed round after the usual interval. It
 * reports the first of several failures in a row, and the first success after them.
 */
export class Loop implements Service {
  readonly #task: LoopTask;
  readonly #clock: Clock;
  readonly #tell: Tell;
  #timer: Timer | undefined;
  #round: Promise<void> = Promise.resolve();
  #failing = false;
  #stopped = true;

  constructor(parts: { readonly task: LoopTask; readonly clock: Clock; readonly tell: Tell }) {
    this.#task = parts.task;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
  }

  /** Begins the first round immediately. */
  start(): void {
    this.#stopped = false;
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#round;
  }

  #next(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(delayMs, () => {
      this.#round = this.#run().then((pauseMs) => this.#next(this.#onTheBeat(pauseMs)));
    });
  }

  /**
   * Aligns pauses of whole intervals with the other loops of the process, however long a round
   * took.
   */
  #onTheBeat(pauseMs: number): number {
    if (pauseMs < LIMITS.sweepIntervalMs) return pauseMs;
    const late = this.#clock.monotonic() % LIMITS.sweepIntervalMs;
    // A timer may fire slightly early; it is then not late by almost an interval.
    return late > LIMITS.sweepIntervalMs / 2 ? pauseMs + LIMITS.sweepIntervalMs - late : pauseMs - late;
  }

  async #run(): Promise<number> {
    const { name } = this.#task;
    try {
      const pauseMs = await this.#task.run(() => !this.#stopped);
      if (this.#failing) this.#tell["sweep.recovered"]?.({ loop: name });
      this.#failing = false;
      return pauseMs;
    } catch (error) {
      if (!this.#failing) this.#tell["sweep.failed"]?.({ loop: name, error });
      this.#failing = true;
      return LIMITS.sweepIntervalMs;
    }
  }
}
