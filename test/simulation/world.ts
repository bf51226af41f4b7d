import type { Life } from "./life.ts";

/** Something that happens at an instant, to a process or to the world around the processes. */
interface Happening {
  at: number;
  readonly order: number;
  readonly life: Life | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** No history has so many: one that does goes round in circles. */
const HAPPENINGS_MAX = 200_000;
/** Happenings between which the machine's event loop is not looked at. */
const TOGETHER = 64;

/**
 * Virtual time, in whole milliseconds, and the one queue of all that is to happen. One happening runs at a time, and the
 * promises that follow from it settle before the next: Node runs all microtasks between two immediates. Nothing else may wake
 * anybody, so the same happenings give the same course.
 */
export class World {
  now = 0;
  #order = 0;
  #count = 0;
  /** A binary heap. */
  readonly #heap: Happening[] = [];

  /** @returns takes it back */
  at(time: number, life: Life | undefined, run: () => void): () => void {
    const happening = { at: Math.max(time, this.now), order: this.#order++, life, run, cancelled: false };
    this.#push(happening);
    return () => void (happening.cancelled = true);
  }

  after(delayMs: number, life: Life | undefined, run: () => void): () => void {
    return this.at(this.now + Math.max(0, Math.ceil(delayMs)), life, run);
  }

  /** Resolves when it is over, or when nothing more is to happen. @param isOver is asked before each happening */
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

  /** @returns whether anything happened */
  #step(isOver: () => boolean): boolean {
    for (;;) {
      if (isOver()) return false;
      const next = this.#pop();
      if (next === undefined) return false;
      if (next.cancelled || next.life?.isDead === true) continue;
      this.now = next.at;
      const frozenUntil = next.life?.frozenUntil ?? 0;
      if (frozenUntil > this.now) {
        // In its old order: what came first while the process stood still comes first when it goes on.
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
