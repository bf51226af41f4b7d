/** A worker's right to an attempt. */
export interface Lease {
  readonly id: string;
  readonly attempt: number;
}

/** A lease to renew. */
export interface RenewableLease extends Lease {
  /** The operation's name. Only a renewal over a network presents it, together with the token. */
  readonly name?: string;
  /** The proof of the claim. Secret. */
  readonly token?: string;
}

/**
 * Renews leases. A handler that blocks the event loop must not lose its lease, so a keeper renews
 * on a separate thread, except for a store in memory.
 */
export interface LeaseKeeper {
  /**
   * Renews the lease from now on, after each third of `leaseMs`.
   *
   * @param leftMs the remaining time of the lease, if less: the first renewal comes after a third
   * of it. @default leaseMs
   */
  keep(lease: RenewableLease, leaseMs: number, leftMs?: number): void;
  /** Stops renewing. Harmless for an unknown lease. */
  letGo(lease: Lease): void;
  /**
   * The start of this lease's last successful renewal, on the process's monotonic clock; undefined
   * before the first. Current even if messages from the keeper's thread are still unread.
   */
  renewedAt(lease: Lease): number | undefined;
  /** Reports leases that could not be renewed, and cancellation requests that a renewal found. */
  watch(listener: (notice: LeaseNotice) => void): () => void;
}

/** A keeper's report about a lease. */
export interface LeaseNotice {
  readonly lease: Lease;
  readonly event: "lost" | "cancel-requested";
}
