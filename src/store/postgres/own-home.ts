import type { Home } from "./homes.ts";

/** For so long a process is told of work that claims waited for in it, though none does: the next claim is on its way. */
const GRACE_MS = 10_000;

/**
 * This process as the others know it: the methods that it runs, and those for which claims of workers without the store wait in it.
 * The latter come at once, and go some seconds after the last claim.
 */
export class OwnHome implements Home {
  readonly name: string;
  readonly #runs: ReadonlySet<string>;
  /** When each was waited for last, on the monotonic clock. */
  readonly #attended = new Map<string, number>();
  #isWaitedFor: (method: string) => boolean = () => false;
  #methods: ReadonlySet<string>;

  constructor(name: string, runs: Iterable<string>) {
    this.name = name;
    this.#runs = new Set(runs);
    this.#methods = this.#runs;
  }

  /** The same object for as long as they are the same. */
  get methods(): ReadonlySet<string> {
    return this.#methods;
  }

  /**
   * Claims wait for work of methods.
   *
   * @param isWaitedFor whether any does, when it is asked later
   * @returns whether the others are to know of it
   */
  attend(methods: readonly string[], isWaitedFor: (method: string) => boolean, now: number): boolean {
    this.#isWaitedFor = isWaitedFor;
    const before = this.#attended.size;
    for (const method of methods) if (!this.#runs.has(method)) this.#attended.set(method, now);
    if (this.#attended.size === before) return false;
    this.#methods = new Set([...this.#runs, ...this.#attended.keys()]);
    return true;
  }

  /** Lets methods go for which no claim has waited for a while. */
  refresh(now: number): void {
    const before = this.#attended.size;
    for (const [method, since] of this.#attended) {
      if (this.#isWaitedFor(method)) this.#attended.set(method, now);
      else if (now - since >= GRACE_MS) this.#attended.delete(method);
    }
    if (this.#attended.size < before) this.#methods = new Set([...this.#runs, ...this.#attended.keys()]);
  }
}
