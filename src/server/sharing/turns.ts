import type { Clock } from "../../core/ports/clock.ts";

/** How long one turn of the event loop runs waiting work, in milliseconds. */
const SLICE_MS = 10;

/**
 * Distributes turns of the event loop among work that may wait. The owners take turns, so that an
 * owner with much work delays the others by one piece and not by all of it. Between two turns the
 * event loop reads its sockets.
 */
export class Turns {
  readonly #clock: Clock;
  /** The waiting work by owner. After its turn, an owner moves to the end. */
  readonly #waiting = new Map<object, Piece[]>();
  #isScheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` in one of the next turns. Several short pieces share a turn. */
  take(owner: object, work: () => void): void {
    this.#add(owner, { work, isLong: false });
  }

  /**
   * Resolves in one of the next turns, which runs nothing else after it: for work of some
   * milliseconds.
   */
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
      // The owner gets another piece of this turn, after all others.
      if (pieces.length > 0) this.#waiting.set(owner, pieces);
      piece?.work();
      // The code after the promise cannot be measured from here, so this turn runs nothing more.
      if (piece?.isLong === true || this.#clock.monotonic() >= end) break;
    }
    this.#schedule();
  }
}

interface Piece {
  readonly work: () => void;
  readonly isLong: boolean;
}
