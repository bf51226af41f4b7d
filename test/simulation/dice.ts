import type { Random } from "../../src/core/ports/random.ts";

/** Random values in the shapes that plans need. */
export class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  chance(part: number): boolean {
    return this.#random.fraction() < part;
  }

  /** A whole number; both bounds are included. */
  from(least: number, most: number): number {
    return least + Math.floor(this.#random.fraction() * (most - least + 1));
  }

  one<Each>(choices: readonly Each[]): Each {
    return choices[Math.floor(this.#random.fraction() * choices.length)] as Each;
  }
}
