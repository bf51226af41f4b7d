import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Recent } from "../core/value/recent.ts";

/** The parts for counting amounts. */
export interface AmountsParts {
  /** Counts the amount of a tenant, up to `most`. */
  readonly count: (tenant: string, most: number) => Promise<number>;
  readonly clock: Pick<Clock, "monotonic">;
}

interface Amount {
  count: number;
  /** Monotonic time. */
  countedAt: number;
  /** The additions since the last count. */
  added: number;
  underWay: Promise<void> | undefined;
}

/**
 * The amounts of tenants, as far as this process knows them: the last count, plus the additions
 * since then. They are counted again after `LIMITS.quotaCountMs`, and earlier if the decision
 * depends on it. Several processes together may exceed a limit slightly, until their next counts.
 */
export class Amounts {
  readonly #parts: AmountsParts;
  /** Ordered by last use. */
  readonly #amounts = new Recent<string, Amount>(LIMITS.quotaBucketsMax);

  constructor(parts: AmountsParts) {
    this.#parts = parts;
  }

  /**
   * Adds one to the amount of a tenant, if it is below the limit.
   *
   * @returns whether it was below. If the store does not answer, nothing is rejected here: the
   * store will not accept the addition either
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
    const known = this.#amounts.use(tenant);
    if (known !== undefined) return known;
    const amount = { count: 0, countedAt: Number.NEGATIVE_INFINITY, added: 0, underWay: undefined };
    this.#amounts.set(tenant, amount);
    return amount;
  }
}
