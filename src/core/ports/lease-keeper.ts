/** A worker's right to an attempt. */
export interface Lease {
  readonly id: string;
  readonly attempt: number;
}

/**
 * Renews leases. A handler that blocks the event loop must not lose its lease, so a keeper renews
 * on a separate thread, except for a store in memory.
 */
export interface LeaseKeeper {
  /** Renews the lease at a third of `leaseMs` from now on. */
  keep(lease: Lease, leaseMs: number): void;
  /** Stops renewing. Harmless for a lease that is not kept. */
  letGo(lease: Lease): void;
  /**
   * Start of the last renewal of this lease that succeeded, on the process's monotonic clock; undefined before the first.
   * Up to date even when messages of the keeper's thread have not been read yet.
   */
  renewedAt(lease: Lease): number | undefined;
  /** Tells of leases that could not be renewed, and of cancellation requests seen while renewing. */
  watch(listener: (notice: LeaseNotice) => void): () => void;
}

/** A keeper's news about a lease. */
export interface LeaseNotice {
  readonly lease: Lease;
  readonly event: "lost" | "cancel-requested";
}
