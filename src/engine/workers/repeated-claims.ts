import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Given } from "./parked-claim.ts";
import { keptTextOf } from "./kept-text.ts";

/** The answer to a claim that was made before. */
export interface RepeatedAnswer {
  readonly given: readonly Given[];
  /** Of the first leases in it. */
  readonly leaseMs: number;
}

interface Answered extends RepeatedAnswer {
  /** Monotonic. */
  readonly until: number;
  readonly text: number;
}

/**
 * The answers to claims that have a request id: the same claim gets the same answer, for as long as the first leases in it may be
 * trusted, since the first answer may be lost. Kept in this process, the newest so many.
 */
export class RepeatedClaims {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #answered = new Map<string, Answered>();
  /** Claims that go on: how to end them. */
  readonly #underWay = new Map<string, () => Promise<unknown>>();
  #text = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /**
   * The answer to a claim that was made before. Where it still waits, it ends: whoever repeats it waits for it no longer.
   *
   * @param key what makes two claims the same
   */
  async find(key: string): Promise<RepeatedAnswer | undefined> {
    await this.#underWay.get(key)?.();
    const known = this.#answered.get(key);
    return known !== undefined && known.until > this.#clock.monotonic() ? known : undefined;
  }

  /** A claim goes on. @param end ends it, and resolves when it is answered. @returns tells that it is over */
  begin(key: string, end: () => Promise<unknown>): () => void {
    this.#underWay.set(key, end);
    return () => {
      if (this.#underWay.get(key) === end) this.#underWay.delete(key);
    };
  }

  /** A claim was answered. @param leaseMs of the first leases in it */
  keep(key: string, given: readonly Given[], leaseMs: number): void {
    this.#forget(key);
    if (given.length === 0) return;
    const until =
      Math.min(...given.map(({ calledAt }) => calledAt)) + Math.min(leaseMs, LIMITS.repeatedClaimMs);
    const text = given.reduce((sum, { operation }) => sum + keptTextOf(operation), 0);
    this.#answered.set(key, { given, leaseMs, until, text });
    this.#text += text;
    const now = this.#clock.monotonic();
    for (const [each, answer] of this.#answered) {
      const isTooMuch =
        this.#answered.size > LIMITS.repeatedClaimsMax || this.#text > LIMITS.rememberedTextMax;
      if (answer.until > now && !isTooMuch) return;
      this.#forget(each);
    }
  }

  #forget(key: string): void {
    const known = this.#answered.get(key);
    if (known === undefined) return;
    this.#answered.delete(key);
    this.#text -= known.text;
  }
}
