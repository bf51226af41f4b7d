import type { Life } from "./life.ts";

/** An event at an instant, for a process or for the world around the processes. */
interface Happening {
  at: number;
  readonly order: number;
  readonly life: Life | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** No history has this many events: one that does is in an endless loop. */
const HAPPENINGS_MAX = 200_000;
/** The number of events between two turns of the real event loop. */
const TOGETHER = 64;

/**
 * Virtual time, in whole milliseconds, and the one queue of all future events. One event runs at a
 * time, and the promises that follow from it settle before the next: Node runs all microtasks
 * between two immediates. Nothing else may wake a process, so the same events give the same course.
 */
export class World {
  now = 0;
  #order = 0;
  #count = 0;
  /** A binary heap. */
  readonly #heap: Happening[] = [];

  /** @returns a function that cancels the event */
  at(time: number, life: Life | undefined, run: () => void): () => void {
    const happening = { at: Math.max(time, this.now), order: this.#order++, life, run, cancelled: false };
    this.#push(happening);
    return () => void (happening.cancelled = true);
  }

  after(delayMs: number, life: Life | undefined, run: () => void): () => void {
    return this.at(this.now + Math.max(0, Math.ceil(delayMs)), life, run);
  }

  /**
   * Resolves when the end is reached, or when no event is left. @param isOver is called before each
   * event
   */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = 1;
      let ended = false;
      const turn = (): void => {
        left--;
        if (ended) return;
        try {
          ended = !this.#step(isOver);
        } catch (error) {
          ended = true;
          reject(error);
        }
        if (ended) resolve();
        else if (left === 0) for (left = 0; left < TOGETHER; left++) setImmediate(turn);
      };
      setImmediate(turn);
    });
  }

  /** @returns whether there was an event */
  #step(isOver: () => boolean): boolean {
    for (;;) {
      if (isOver()) return false;
      const next = this.#pop();
      if (next === undefined) return false;
      if (next.cancelled || next.life?.isDead === true) continue;
      this.now = next.at;
      const frozenUntil = next.life?.frozenUntil ?? 0;
      if (frozenUntil > this.now) {
        // In the old order: events that came first while the process was frozen come first when it
        // resumes.
        next.at = frozenUntil;
        this.#push(next);
        continue;
      }
      if (++this.#count > HAPPENINGS_MAX) throw new Error("the same happens again and again");
      next.run();
      return true;
    }
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(happening);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(happening, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      let below = heap[child];
      if (below === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, below)) {
        below = right;
        child++;
      }
      if (!isBefore(below, last)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
