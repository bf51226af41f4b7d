import type { Clock, Timer } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Service } from "../service.ts";

/** What a loop repeats. */
export interface LoopTask {
  /** For its events: the part of the sweep. */
  readonly name: string;
  /**
   * One round. Between its steps it asks whether to go on.
   *
   * @returns milliseconds until the next round
   */
  run(goesOn: () => boolean): Promise<number>;
}

/**
 * How long looks rest after one that is through: costly ones come rarely. A whole number of intervals, so that all loops stay on
 * the common beat. At most twice as long as after the look before: a process or its store may have stood still for once.
 */
export class Rests {
  #restMs: number = LIMITS.sweepIntervalMs;

  /** @param lookMs what it took to look, without what was done about what was found. @returns milliseconds */
  after(lookMs: number): number {
    const { sweepIntervalMs, sweepRestTimes, sweepRestMsMax } = LIMITS;
    const wantedMs = Math.min(lookMs * sweepRestTimes, 2 * this.#restMs, sweepRestMsMax);
    this.#restMs = Math.max(1, Math.ceil(wantedMs / sweepIntervalMs)) * sweepIntervalMs;
    return this.#restMs;
  }
}

/**
 * Repeats a task until it is stopped. A round that fails is repeated after the usual interval; it tells of the first of several
 * failures in a row, and of the first success after them.
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

  /** The first round begins at once. */
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

  /** Whole intervals end where those of all loops of a process do, however long a round took. */
  #onTheBeat(pauseMs: number): number {
    if (pauseMs < LIMITS.sweepIntervalMs) return pauseMs;
    const late = this.#clock.monotonic() % LIMITS.sweepIntervalMs;
    // A timer may ring a little early, and then has not been late by nearly an interval.
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
