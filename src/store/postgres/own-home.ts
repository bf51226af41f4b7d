import type { Home } from "./homes.ts";

/**
 * A process stays the home of work that claims waited for until this long after the last claim,
 * because the next claim is on its way.
 */
const GRACE_MS = 10_000;

/**
 * This process as the others know it: the methods that it runs, and the methods for which workers
 * without the store have waiting claims in it. The latter are added at once, and removed some
 * seconds after the last claim.
 */
export class OwnHome implements Home {
  readonly name: string;
  readonly #runs: ReadonlySet<string>;
  /** The monotonic time of the last waiting claim for each method. */
  readonly #attended = new Map<string, number>();
  #isWaitedFor: (method: string) => boolean = () => false;
  #methods: ReadonlySet<string>;

  constructor(name: string, runs: Iterable<string>) {
    this.name = name;
    this.#runs = new Set(runs);
    this.#methods = this.#runs;
  }

  /** Returns the same object as long as the methods are the same. */
  get methods(): ReadonlySet<string> {
    return this.#methods;
  }

  /**
   * Records that claims wait for work of methods.
   *
   * @param isWaitedFor called later to ask whether a claim still waits for a method
   * @returns true if the other processes must be told
   */
  attend(methods: readonly string[], isWaitedFor: (method: string) => boolean, now: number): boolean {
    this.#isWaitedFor = isWaitedFor;
    const before = this.#attended.size;
    for (const method of methods) if (!this.#runs.has(method)) this.#attended.set(method, now);
    if (this.#attended.size === before) return false;
    this.#methods = new Set([...this.#runs, ...this.#attended.keys()]);
    return true;
  }

  /** Removes methods for which no claim has waited for a while. */
  refresh(now: number): void {
    const before = this.#attended.size;
    for (const [method, since] of this.#attended) {
      if (this.#isWaitedFor(method)) this.#attended.set(method, now);
      else if (now - since >= GRACE_MS) this.#attended.delete(method);
    }
    if (this.#attended.size < before) this.#methods = new Set([...this.#runs, ...this.#attended.keys()]);
  }
}
