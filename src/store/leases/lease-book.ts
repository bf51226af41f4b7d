import type { Lease, LeaseNotice } from "../../core/ports/lease-keeper.ts";
import type { RenewAnswer } from "../../core/ports/store.ts";

/** A lease that is renewed. */
export interface KeptLease {
  readonly lease: Lease;
  readonly leaseMs: number;
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

  /**
   * @param at the time when the lease was added
   * @param leftMs the remaining time of the lease, if part of it has passed @returns the time of
   * the first renewal
   */
  add(lease: Lease, leaseMs: number, at: number, leftMs = leaseMs): number {
    const dueAt = at + Math.min(leaseMs, leftMs) / RENEWAL_FRACTION;
    this.#kept.set(keyOf(lease), { lease, leaseMs, dueAt, cancelTold: false });
    return dueAt;
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
    return [...this.#kept.values()].filter((kept) => kept.dueAt <= at + kept.leaseMs / TOGETHER_FRACTION);
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
    kept.dueAt = at + kept.leaseMs / RENEWAL_FRACTION;
    if (!answer.cancelRequested || kept.cancelTold) return undefined;
    kept.cancelTold = true;
    return { lease: kept.lease, event: "cancel-requested" };
  }

  /** The renewal that began `at` failed and is retried soon. */
  postpone(kept: KeptLease, at: number): void {
    kept.dueAt = at + kept.leaseMs / RETRY_FRACTION;
  }
}

/** A text that identifies a lease of a process. */
export function keyOf(lease: Lease): string {
  return `${lease.id}/${lease.attempt}`;
}
