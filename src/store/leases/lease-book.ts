import type { Lease, LeaseNotice, RenewableLease } from "../../core/ports/lease-keeper.ts";
import type { RenewAnswer, RenewCommand } from "../../core/ports/store.ts";

/** A renewal; over a network, with the name and the token of its lease. */
export type Renewal = RenewCommand & RenewableLease;

/** A lease that is renewed. */
export interface KeptLease {
  readonly lease: Lease;
  /** Renews it. */
  readonly renewal: Renewal;
  /** The monotonic time of the next renewal; infinite once the lease is lost. */
  dueAt: number;
  cancelTold: boolean;
}

/**
 * A lease is renewed after a third of its length, so that two renewals may fail before it is lost.
 */
const RENEWAL_FRACTION = 3;
/** A failed renewal is retried after this fraction of the lease. */
const RETRY_FRACTION = 10;
/**
 * Leases that are due within this fraction of their length are renewed together with those due now,
 * to share a commit.
 */
const TOGETHER_FRACTION = 12;

/** The schedule of renewals. It uses neither timers nor SQL. */
export class LeaseBook {
  readonly #kept = new Map<string, KeptLease>();

  /** @param dueAt the time of the first renewal */
  add(lease: RenewableLease, leaseMs: number, dueAt: number): void {
    const { id, attempt } = lease;
    const renewal: Renewal = { verb: "renew", ...lease, leaseMs, metadata: null };
    this.#kept.set(keyOf(lease), { lease: { id, attempt }, renewal, dueAt, cancelTold: false });
  }

  remove(lease: Lease): void {
    this.#kept.delete(keyOf(lease));
  }

  /** Whether this entry is still kept, and was not dropped and added again. */
  holds(kept: KeptLease): boolean {
    return this.#kept.get(keyOf(kept.lease)) === kept;
  }

  /** The time of the next renewal; undefined if there is none. */
  nextAt(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#kept.values()) next = Math.min(next, dueAt);
    return Number.isFinite(next) ? next : undefined;
  }

  /** The leases to renew now. Empty if no lease is due yet, even if one is almost due. */
  due(at: number): readonly KeptLease[] {
    if ((this.nextAt() ?? Number.POSITIVE_INFINITY) > at) return [];
    return [...this.#kept.values()].filter(
      ({ dueAt, renewal }) => dueAt <= at + renewal.leaseMs / TOGETHER_FRACTION,
    );
  }

  /**
   * Records the answer to a renewal that began `at`. @returns a notice for the owner, at most once
   * per loss
   */
  settle(kept: KeptLease, answer: RenewAnswer, at: number): LeaseNotice | undefined {
    if (!answer.held) {
      kept.dueAt = Number.POSITIVE_INFINITY;
      return { lease: kept.lease, event: "lost" };
    }
    kept.dueAt = at + renewalMs(kept.renewal.leaseMs);
    if (!answer.cancelRequested || kept.cancelTold) return undefined;
    kept.cancelTold = true;
    return { lease: kept.lease, event: "cancel-requested" };
  }

  /** The renewal that began `at` failed and is retried soon. */
  postpone(kept: KeptLease, at: number): void {
    kept.dueAt = at + kept.renewal.leaseMs / RETRY_FRACTION;
  }
}

/** The time until the renewal of a lease, of which `leftMs` are left. */
export function renewalMs(leaseMs: number, leftMs = leaseMs): number {
  return Math.min(leaseMs, leftMs) / RENEWAL_FRACTION;
}

/** A text that identifies a lease of a process. */
export function keyOf(lease: Lease): string {
  return `${lease.id}/${lease.attempt}`;
}
