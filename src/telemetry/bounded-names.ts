import { LIMITS } from "../core/limits.ts";

const OTHER = "other";

/** Names as labels: up to a limit unchanged, all further ones as a single label. */
export class BoundedNames {
  readonly #known: Set<string>;

  /** @param names the names known from the beginning */
  constructor(names: Iterable<string>) {
    this.#known = new Set(Array.from(names).slice(0, LIMITS.metricMethodsMax));
  }

  labelOf(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= LIMITS.metricMethodsMax) return OTHER;
    this.#known.add(name);
    return name;
  }
}
