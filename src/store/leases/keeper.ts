import type { Tell } from "../../core/events.ts";
import type { Lease, LeaseKeeper, LeaseNotice, RenewableLease } from "../../core/ports/lease-keeper.ts";
import { Listeners } from "../listeners.ts";
import { keyOf } from "./lease-book.ts";
import type { LeaseRenewals, Round } from "./renewals.ts";

/** Renews leases, on this thread or a separate one, and knows the last renewal of each lease. */
export class Keeper implements LeaseKeeper {
  readonly #renewals: LeaseRenewals;
  /** The time of the last renewal of each lease; undefined before the first one. */
  readonly #renewedAt = new Map<string, number | undefined>();
  readonly #listeners: Listeners<LeaseNotice>;

  constructor(parts: {
    readonly tell: Tell;
    readonly renewals: (hear: (round: Round) => void) => LeaseRenewals;
  }) {
    this.#listeners = new Listeners(parts.tell);
    this.#renewals = parts.renewals((round) => this.#hear(round));
  }

  keep(lease: RenewableLease, leaseMs: number, leftMs = leaseMs): void {
    this.#renewedAt.set(keyOf(lease), undefined);
    this.#renewals.keep(lease, leaseMs, leftMs);
  }

  letGo(lease: Lease): void {
    if (this.#renewedAt.delete(keyOf(lease))) this.#renewals.letGo(lease);
  }

  renewedAt(lease: Lease): number | undefined {
    this.#renewals.catchUp();
    return this.#renewedAt.get(keyOf(lease));
  }

  watch(listener: (notice: LeaseNotice) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Stops all renewals. */
  stop(): void {
    this.#renewals.stop();
  }

  /** A lease may have been dropped while the message of the round was in transit. */
  #hear({ startedAt, renewed, notices }: Round): void {
    for (const lease of renewed) {
      const key = keyOf(lease);
      if (this.#renewedAt.has(key)) this.#renewedAt.set(key, startedAt);
    }
    for (const notice of notices) if (this.#renewedAt.has(keyOf(notice.lease))) this.#listeners.tell(notice);
  }
}
