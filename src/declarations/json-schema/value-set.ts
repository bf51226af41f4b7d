import { canonicalJson } from "../../core/value/json.ts";
import type { Meter } from "./meter.ts";

/** A set of JSON values. Objects and lists are equal if their canonical texts are equal. */
export class ValueSet {
  readonly #plain = new Set<unknown>();
  readonly #texts = new Set<string>();

  get size(): number {
    return this.#plain.size + this.#texts.size;
  }

  /** @throws {CheckCostError} if the meter has no steps left */
  add(value: unknown, meter?: Meter): void {
    if (isPlain(value)) this.#plain.add(value);
    else this.#texts.add(textOf(value, meter));
  }

  /** @throws {CheckCostError} if the meter has no steps left */
  has(value: unknown, meter: Meter): boolean {
    if (isPlain(value)) return this.#plain.has(value);
    return this.#texts.size > 0 && this.#texts.has(textOf(value, meter));
  }
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** A text of 100 characters takes as long as 24 steps. */
function textOf(value: unknown, meter: Meter | undefined): string {
  const text = canonicalJson(value);
  meter?.spend(12 + Math.floor(text.length / 8));
  return text;
}
