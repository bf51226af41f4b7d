import type { Rate } from "../core/quota.ts";
import { LIMITS } from "../core/limits.ts";
import { Recent } from "../core/value/recent.ts";

/**
 * The tokens for one subject and rate. A call takes one; they are refilled evenly, up to the number
 * of calls in a window.
 */
interface Bucket {
  tokens: number;
  /** Monotonic, in milliseconds. */
  filledAt: number;
}

/**
 * Token buckets by key, full until the first token is taken: a rejected call creates none. There
 * are at most `LIMITS.quotaBucketsMax`: the least recently used one is dropped, and would be full
 * again.
 */
export class Buckets {
  /** Ordered by last use. */
  readonly #buckets = new Recent<string, Bucket>(LIMITS.quotaBucketsMax);

  /** The number of buckets. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Milliseconds until there is a token; 0 if there is one now.
   *
   * @param share the part of the rate that belongs to this process
   */
  missingMs(key: string, rate: Rate, { now, share }: Moment): number {
    if (!this.#buckets.has(key)) return 0;
    const { tokens } = this.#filled(key, rate, { now, share });
    // Sums of fractions are not exact.
    if (tokens > 1 - 1e-9) return 0;
    return Math.ceil(((1 - tokens) * rate.windowSeconds * 1_000) / (rate.calls * share) - 1e-6);
  }

  /** Takes a token; call it only after `missingMs` returned 0. */
  take(key: string, rate: Rate, moment: Moment): void {
    this.#filled(key, rate, moment).tokens -= 1;
  }

  #filled(key: string, { calls, windowSeconds }: Rate, { now, share }: Moment): Bucket {
    // Even the smallest share allows one call at a time.
    const most = Math.max(1, calls * share);
    const known = this.#buckets.use(key);
    if (known === undefined) {
      const made = { tokens: most, filledAt: now };
      this.#buckets.set(key, made);
      return made;
    }
    const gained = ((now - known.filledAt) * calls * share) / (windowSeconds * 1_000);
    known.tokens = Math.min(most, known.tokens + gained);
    known.filledAt = now;
    return known;
  }
}

/** The time of an access, and this process's share of the rate. */
export interface Moment {
  /** Monotonic, in milliseconds. */
  readonly now: number;
  readonly share: number;
}
