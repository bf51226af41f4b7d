import type { Clock } from "../../core/ports/clock.ts";

/** How long one turn of the event loop goes on with what waits here, in milliseconds. */
const SLICE_MS = 10;

/**
 * Hands out turns of the event loop to work that may wait. Each owner has one after another, in the order in which they came
 * back, so that an owner with much to do delays the others by one piece of work and not by all of it. Between two turns the
 * loop reads its sockets.
 */
export class Turns {
  readonly #clock: Clock;
  /** By owner. One that has had a turn goes to the end. */
  readonly #waiting = new Map<object, Piece[]>();
  #isScheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `work` in one of the next turns. Several short pieces share a turn. */
  take(owner: object, work: () => void): void {
    this.#add(owner, { work, isLong: false });
  }

  /** Resolves in one of the next turns, which nobody else has after that: for work of some milliseconds. */
  next(owner: object): Promise<void> {
    return new Promise((resolve) => this.#add(owner, { work: resolve, isLong: true }));
  }

  #add(owner: object, piece: Piece): void {
    const pieces = this.#waiting.get(owner);
    if (pieces === undefined) this.#waiting.set(owner, [piece]);
    else pieces.push(piece);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#clock.soon(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const end = this.#clock.monotonic() + SLICE_MS;
    for (const [owner, pieces] of this.#waiting) {
      const piece = pieces.shift();
      this.#waiting.delete(owner);
      // Visited again in this turn, behind all others.
      if (pieces.length > 0) this.#waiting.set(owner, pieces);
      piece?.work();
      // What follows a promise is not seen from here, so that nothing more can be judged to fit.
      if (piece?.isLong === true || this.#clock.monotonic() >= end) break;
    }
    this.#schedule();
  }
}

interface Piece {
  readonly work: () => void;
  readonly isLong: boolean;
}
