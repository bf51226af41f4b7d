import type { Clock, Timer } from "../../src/core/ports/clock.ts";
import type { World } from "./world.ts";

/**
 * The life of a process, and its clock. While it is frozen nothing happens to it, and afterwards
 * everything at once; once it is dead, nothing happens any more.
 */
export class Life implements Clock {
  readonly name: string;
  isDead = false;
  /** In virtual time. */
  frozenUntil = 0;
  /** The error of its wall clock. */
  wallOffsetMs = 0;
  /** Timers that have neither fired nor been cancelled. */
  timers = 0;
  readonly #world: World;
  readonly #epoch: number;
  readonly #bornAt: number;
  readonly #onDeath = new Set<() => void>();

  /** @param epoch the wall time at the beginning of the world */
  constructor(name: string, world: World, epoch: number) {
    this.name = name;
    this.#world = world;
    this.#epoch = epoch;
    // The monotonic clocks of processes begin at different instants.
    this.#bornAt = world.now - 137 * (1 + (name.charCodeAt(name.length - 1) % 7));
  }

  /** Whether it is not frozen, and has had time to catch up. */
  get isAwake(): boolean {
    return this.frozenUntil === 0 || this.frozenUntil < this.#world.now;
  }

  now(): number {
    return this.#epoch + this.#world.now + this.wallOffsetMs;
  }

  monotonic(): number {
    return this.#world.now - this.#bornAt;
  }

  after(delayMs: number, callback: () => void): Timer {
    let isSet = true;
    this.timers++;
    const unset = (): void => {
      if (isSet) this.timers--;
      isSet = false;
    };
    const cancel = this.#world.after(delayMs, this, () => {
      unset();
      callback();
    });
    return {
      cancel: () => {
        unset();
        cancel();
      },
    };
  }

  soon(callback: () => void): void {
    this.#world.after(0, this, callback);
  }

  /** @returns a function that removes the listener */
  onDeath(listener: () => void): () => void {
    this.#onDeath.add(listener);
    return () => void this.#onDeath.delete(listener);
  }

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const listener of this.#onDeath) listener();
    this.#onDeath.clear();
  }

  freeze(ms: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, this.#world.now + ms);
  }
}
