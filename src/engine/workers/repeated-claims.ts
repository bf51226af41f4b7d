import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Given } from "./parked-claim.ts";
import { keptTextOf } from "./kept-text.ts";
import { Recent } from "../../core/value/recent.ts";

/** The answer to an earlier claim. */
export interface RepeatedAnswer {
  readonly given: readonly Given[];
  /** The length of the first leases in it. */
  readonly leaseMs: number;
}

interface Answered extends RepeatedAnswer {
  /** Monotonic. */
  readonly until: number;
  readonly text: number;
}

/**
 * The answers to claims with a request id. The answer may be lost, so a repeated claim gets the
 * same answer, as long as the first leases in it are valid. This process keeps a limited number of
 * the newest.
 */
export class RepeatedClaims {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #answered = new Recent<string, Answered>();
  /** Running claims, each with a function that ends it. */
  readonly #underWay = new Map<string, () => Promise<unknown>>();
  #text = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /**
   * The answer to an earlier claim. If that claim still waits, it ends, because its caller no
   * longer waits for it.
   *
   * @param key equal for repeated claims
   */
  async find(key: string): Promise<RepeatedAnswer | undefined> {
    await this.#underWay.get(key)?.();
    const known = this.#answered.get(key);
    return known !== undefined && known.until > this.#clock.monotonic() ? known : undefined;
  }

  /**
   * Registers a running claim. @param end ends the claim, and resolves when it is answered.
   * @returns unregisters it
   */
  begin(key: string, end: () => Promise<unknown>): () => void {
    this.#underWay.set(key, end);
    return () => {
      if (this.#underWay.get(key) === end) this.#underWay.delete(key);
    };
  }

  /** Stores the answer to a claim. @param leaseMs the length of the first leases in it */
  keep(key: string, given: readonly Given[], leaseMs: number): void {
    this.#forget(key);
    if (given.length === 0) return;
    const until =
      Math.min(...given.map(({ calledAt }) => calledAt)) + Math.min(leaseMs, LIMITS.repeatedClaimMs);
    const text = given.reduce((sum, { operation }) => sum + keptTextOf(operation), 0);
    this.#answered.set(key, { given, leaseMs, until, text });
    this.#text += text;
    const now = this.#clock.monotonic();
    for (const { key: each, value: answer } of this.#answered) {
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
