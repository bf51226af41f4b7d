import type { Rate } from "../core/quota.ts";
import { LIMITS } from "../core/limits.ts";

/** Tokens of one subject and rate. A call takes one; they come back evenly, up to all calls of a window. */
interface Bucket {
  tokens: number;
  /** Monotonic, in milliseconds. */
  filledAt: number;
}

/**
 * Token buckets by key, full until something is taken: a call that is refused makes none. There are `LIMITS.quotaBucketsMax` at
 * most: the one that was asked for longest ago goes, and is full again should it come back.
 */
export class Buckets {
  /** In the order in which they were last asked for. */
  readonly #buckets = new Map<string, Bucket>();

  /** How many there are. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Milliseconds until there is a token; 0 where there is one now.
   *
   * @param share the part of the rate that this process gives out
   */
  missingMs(key: string, rate: Rate, { now, share }: Moment): number {
    if (!this.#buckets.has(key)) return 0;
    const { tokens } = this.#filled(key, rate, { now, share });
    // Sums of parts of tokens are not exact.
    if (tokens > 1 - 1e-9) return 0;
    return Math.ceil(((1 - tokens) * rate.windowSeconds * 1_000) / (rate.calls * share) - 1e-6);
  }

  /** Takes a token, of which `missingMs` said that it is there. */
  take(key: string, rate: Rate, moment: Moment): void {
    this.#filled(key, rate, moment).tokens -= 1;
  }

  #filled(key: string, { calls, windowSeconds }: Rate, { now, share }: Moment): Bucket {
    // No share is too small for a call at a time.
    const most = Math.max(1, calls * share);
    const known = this.#buckets.get(key);
    if (known === undefined) {
      const made = { tokens: most, filledAt: now };
      this.#buckets.set(key, made);
      if (this.#buckets.size > LIMITS.quotaBucketsMax) this.#dropOldest();
      return made;
    }
    const gained = ((now - known.filledAt) * calls * share) / (windowSeconds * 1_000);
    known.tokens = Math.min(most, known.tokens + gained);
    known.filledAt = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, known);
    return known;
  }

  #dropOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** When a bucket is looked at, and how much of its rate is this process's. */
export interface Moment {
  /** Monotonic, in milliseconds. */
  readonly now: number;
  readonly share: number;
}
