import type { Random } from "../../src/core/ports/random.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";

/** A random generator for the fuzzer. The same seed gives the same numbers. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 to `below` − 1. */
  below(below: number): number {
    return Math.floor(this.#random.fraction() * below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  /** One of the given values, each with the same probability. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("Nothing to pick from");
    return item;
  }

  /** Calls one of the given. */
  oneOf<Result>(makers: readonly (() => Result)[]): Result {
    return this.pick(makers)();
  }

  /** 0 to `countMax` of what `make` makes. */
  some<Item>(countMax: number, make: () => Item): Item[] {
    return Array.from({ length: this.below(countMax + 1) }, make);
  }

  bytes(length: number): Buffer {
    return Buffer.from(this.#random.bytes(length));
  }

  /** Printable ASCII. */
  word(lengthMax: number): string {
    return Array.from({ length: 1 + this.below(lengthMax) }, () =>
      String.fromCodePoint(33 + this.below(94)),
    ).join("");
  }
}
