import { type Clock, systemClock, type Timer } from "../../core/ports/clock.ts";
import type { Homes } from "./homes.ts";
import type { Pending } from "./notices.ts";

/** The parts of a HandOn. */
export interface HandOnParts {
  /** The name of this process. */
  readonly name: string;
  readonly known: () => Homes;
  readonly send: (work: Pending, home: string) => void;
  /** @default the machine's */
  readonly clock?: Clock;
}

/** Work that this process was notified of. */
interface Hint {
  readonly method: string;
  readonly availableTime: number;
  readonly shards: readonly number[];
  /**
   * The number of processes that it may still be passed on to; undefined if it was never passed on.
   */
  readonly left: number | undefined;
}

/**
 * A process without free slots passes hints on at most once in this time: if no process has a free
 * slot, they would otherwise do nothing but send notices.
 */
export const HAND_ON_MS = 50;

/**
 * Passes on hints about work for which this process has no free slot: to the next process in the
 * order of the shard, until all processes that run the method were notified. A notified process
 * without a free slot polls when it has one. New hints are sent together with the next message.
 */
export class HandOn {
  readonly #parts: HandOnParts;
  readonly #clock: Clock;
  /** The latest hint of each method. */
  readonly #hints = new Map<string, Hint>();
  /** By home. */
  readonly #waiting = new Map<string, Pending & { left: number }>();
  #timer: Timer | undefined;

  constructor(parts: HandOnParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  /** Records a hint that may have to be passed on. */
  hear(hint: Hint): void {
    const before = this.#hints.get(hint.method);
    // A hint that was never passed on has all processes left.
    const left = before === undefined ? hint.left : furthest(before.left, hint.left);
    this.#hints.set(hint.method, { ...hint, left });
  }

  /** There is no free slot for the last announced work of a method. */
  handOn(method: string): void {
    const hint = this.#hints.get(method);
    if (hint === undefined) return;
    this.#hints.delete(method);
    const { name, known } = this.#parts;
    const homes = known();
    const { availableTime, shards, left = homes.count(method) - 1 } = hint;
    const [first = 0] = shards;
    const home = homes.next(method, first, name);
    if (left <= 0 || home === undefined) return;
    let work = this.#waiting.get(home);
    if (work === undefined)
      this.#waiting.set(home, (work = { methods: new Map(), shards: new Set(), left: 0 }));
    work.methods.set(method, Math.min(work.methods.get(method) ?? availableTime, availableTime));
    for (const shard of shards) work.shards.add(shard);
    work.left = Math.max(work.left, left - 1);
    if (this.#timer === undefined) this.#send();
  }

  /** Sends the waiting hints. */
  stop(): void {
    this.#timer?.cancel();
    this.#send();
    this.#timer?.cancel();
  }

  #send(): void {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#timer = this.#clock.after(HAND_ON_MS, () => this.#send());
    for (const [home, work] of waiting) this.#parts.send(work, home);
  }
}

function furthest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}
