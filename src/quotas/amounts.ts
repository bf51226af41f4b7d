import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";

/** What amounts are counted with. */
export interface AmountsParts {
  /** Counts what a tenant has, and no further than `most`. */
  readonly count: (tenant: string, most: number) => Promise<number>;
  readonly clock: Pick<Clock, "monotonic">;
}

interface Amount {
  count: number;
  /** Monotonic. */
  countedAt: number;
  /** Allowed since the count began. */
  added: number;
  underWay: Promise<void> | undefined;
}

/**
 * How much tenants have, as far as this process knows: what was counted, and what it has allowed since. It is counted anew after
 * `LIMITS.quotaCountMs`, and sooner where that decides. Several processes allow a little more together: each does until it counts.
 */
export class Amounts {
  readonly #parts: AmountsParts;
  /** In the order in which they were last asked for. */
  readonly #amounts = new Map<string, Amount>();

  constructor(parts: AmountsParts) {
    this.#parts = parts;
  }

  /**
   * Adds one to what a tenant has, if it has less than its limit.
   *
   * @returns whether it has. A store that does not answer refuses nothing: it will not take what is to be added either
   */
  add(tenant: string, limit: number): boolean | Promise<boolean> {
    const amount = this.#of(tenant);
    const ageMs = this.#parts.clock.monotonic() - amount.countedAt;
    const isWithin = amount.count + amount.added < limit;
    if (ageMs < LIMITS.quotaCountMs && isWithin) {
      amount.added++;
      return true;
    }
    if (ageMs < LIMITS.quotaCountMsMin) return false;
    return this.#counted(tenant, amount, limit).then(() => {
      if (amount.count + amount.added >= limit) return false;
      amount.added++;
      return true;
    });
  }

  /** Never rejects. */
  #counted(tenant: string, amount: Amount, limit: number): Promise<void> {
    const count = async (): Promise<void> => {
      const before = amount.added;
      try {
        amount.count = await this.#parts.count(tenant, limit);
        amount.added -= before;
      } catch {
        [amount.count, amount.added] = [0, 0];
      }
      amount.countedAt = this.#parts.clock.monotonic();
      amount.underWay = undefined;
    };
    return (amount.underWay ??= count());
  }

  #of(tenant: string): Amount {
    const known = this.#amounts.get(tenant);
    const amount = known ?? {
      count: 0,
      countedAt: Number.NEGATIVE_INFINITY,
      added: 0,
      underWay: undefined,
    };
    this.#amounts.delete(tenant);
    this.#amounts.set(tenant, amount);
    const [oldest] = this.#amounts.keys();
    if (this.#amounts.size > LIMITS.quotaBucketsMax && oldest !== undefined) this.#amounts.delete(oldest);
    return amount;
  }
}
