import { LIMITS } from "../../core/limits.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import { Bag } from "../../core/value/bag.ts";

const BY_TICK = Symbol("watch stream by tick");
const TICK_MS = 100;

/** A stream with timers. */
export interface Timed {
  /** The tick of its next check; used by {@link WatchStreams} only. */
  tick: number | undefined;
  /**
   * Performs the due actions. @returns the monotonic time of the next check; undefined if the
   * stream has ended and was deleted
   */
  look(now: number): number | undefined;
  /** Sets the time by which the stream must end. */
  endBy(time: number): void;
}

/** All open streams of watches: one timer checks the due ones, ten times a second. */
export class WatchStreams {
  readonly clock: Clock;
  /** Bytes that wait to be sent, over all streams. */
  pendingBytes = 0;
  readonly #random: Random;
  readonly #byTick = new Map<number, Bag<Timed>>();
  #count = 0;
  #now = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  /** The number of open streams. */
  get count(): number {
    return this.#count;
  }

  /** Checks a stream from now on. */
  add(stream: Timed): void {
    if (this.#timer === undefined) {
      this.#now = tickOf(this.clock.monotonic());
      this.#arm();
    }
    this.#count++;
    this.#place(stream, stream.look(this.clock.monotonic()));
  }

  /** Harmless for an unknown stream. */
  delete(stream: Timed): void {
    if (stream.tick === undefined) return;
    this.#takeOut(stream, stream.tick);
    stream.tick = undefined;
    if (--this.#count > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /**
   * The longest silence of a stream: randomly up to a third shorter than the limit, so that streams
   * opened together do not send together.
   */
  silenceMs(): number {
    return LIMITS.watchSilenceMs * (1 - this.#random.fraction() / 3);
  }

  /** A random time at which a stream ends when the server stops. */
  stopTime(): number {
    const { watchStopMsMin, watchStopMsMax } = LIMITS;
    const delayMs = watchStopMsMin + (watchStopMsMax - watchStopMsMin) * this.#random.fraction();
    return this.clock.monotonic() + delayMs;
  }

  /** Checks a stream by this time, if its check was later. */
  hasten(stream: Timed, time: number): void {
    if (stream.tick !== undefined && time < stream.tick * TICK_MS) this.#place(stream, time);
  }

  #place(stream: Timed, time: number | undefined): void {
    if (time === undefined) return;
    if (stream.tick !== undefined) this.#takeOut(stream, stream.tick);
    const tick = Math.max(Math.ceil(time / TICK_MS), this.#now + 1);
    stream.tick = tick;
    const streams = this.#byTick.get(tick);
    if (streams === undefined) this.#byTick.set(tick, new Bag(BY_TICK, stream));
    else streams.add(stream);
  }

  #takeOut(stream: Timed, tick: number): void {
    const streams = this.#byTick.get(tick);
    if (streams?.delete(stream) === true && streams.size === 0) this.#byTick.delete(tick);
  }

  #arm(): void {
    this.#timer = this.clock.after(TICK_MS, () => {
      this.#timer = undefined;
      const now = this.clock.monotonic();
      for (const last = tickOf(now); this.#now < last; ) this.#tick(++this.#now, now);
      if (this.count > 0) this.#arm();
    });
  }

  #tick(tick: number, now: number): void {
    const due = this.#byTick.get(tick);
    if (due === undefined) return;
    this.#byTick.delete(tick);
    for (const stream of due) {
      due.delete(stream);
      // The stream has ended and was removed.
      this.#place(stream, stream.look(now));
    }
  }
}

function tickOf(monotonicMs: number): number {
  return Math.floor(monotonicMs / TICK_MS);
}
