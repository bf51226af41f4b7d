import { LIMITS } from "../../core/limits.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import { Bag } from "../../core/value/bag.ts";

const BY_SECOND = Symbol("watch stream by second");
const TICK_MS = 1_000;

/** A stream that is looked after. */
export interface Timed {
  /** When it is looked at; of {@link WatchStreams} alone. */
  second: number | undefined;
  /** Does what is due. @returns when to be looked at again, on the monotonic clock; undefined where the stream is over and was deleted */
  look(now: number): number | undefined;
  /** Is to end by then. */
  endBy(time: number): void;
}

/** All open streams of watches: one timer looks after all of them, each second after those whose turn it is. */
export class WatchStreams {
  readonly clock: Clock;
  /** Bytes that wait to be sent, of all streams. */
  pendingBytes = 0;
  readonly #random: Random;
  readonly #bySecond = new Map<number, Bag<Timed>>();
  #count = 0;
  #second = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  /** Streams that are open. */
  get count(): number {
    return this.#count;
  }

  /** From now on. */
  add(stream: Timed): void {
    if (this.#timer === undefined) {
      this.#second = secondOf(this.clock.monotonic());
      this.#arm();
    }
    this.#count++;
    this.#place(stream, stream.look(this.clock.monotonic()));
  }

  /** Harmless for one that is not there. */
  delete(stream: Timed): void {
    if (stream.second === undefined) return;
    this.#takeOut(stream, stream.second);
    stream.second = undefined;
    if (--this.#count > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A time at which a stream ends because the server stops. */
  stopTime(): number {
    const { watchStopMsMin, watchStopMsMax } = LIMITS;
    const delayMs = watchStopMsMin + (watchStopMsMax - watchStopMsMin) * this.#random.fraction();
    return this.clock.monotonic() + delayMs;
  }

  /** Looks at a stream by then, if it was to be looked at later. */
  hasten(stream: Timed, time: number): void {
    if (stream.second !== undefined && time < stream.second * TICK_MS) this.#place(stream, time);
  }

  #place(stream: Timed, time: number | undefined): void {
    if (time === undefined) return;
    if (stream.second !== undefined) this.#takeOut(stream, stream.second);
    const second = Math.max(Math.ceil(time / TICK_MS), this.#second + 1);
    stream.second = second;
    const streams = this.#bySecond.get(second);
    if (streams === undefined) this.#bySecond.set(second, new Bag(BY_SECOND, stream));
    else streams.add(stream);
  }

  #takeOut(stream: Timed, second: number): void {
    const streams = this.#bySecond.get(second);
    if (streams?.delete(stream) === true && streams.size === 0) this.#bySecond.delete(second);
  }

  #arm(): void {
    this.#timer = this.clock.after(TICK_MS, () => {
      this.#timer = undefined;
      const now = this.clock.monotonic();
      for (const last = secondOf(now); this.#second < last; ) this.#tick(++this.#second, now);
      if (this.count > 0) this.#arm();
    });
  }

  #tick(second: number, now: number): void {
    const due = this.#bySecond.get(second);
    if (due === undefined) return;
    this.#bySecond.delete(second);
    for (const stream of due) {
      due.delete(stream);
      // Over, and out.
      this.#place(stream, stream.look(now));
    }
  }
}

function secondOf(monotonicMs: number): number {
  return Math.floor(monotonicMs / TICK_MS);
}
