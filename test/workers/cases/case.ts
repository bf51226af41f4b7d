import type { Trial } from "../trial.ts";

/**
 * The lease, in seconds, of a worker that only one case uses. It is twice the shortest lease, so
 * that a worker renews in time even on a machine ten times slower than usual. Shared workers have
 * 30 s.
 */
export const LEASE_S = 10;

/** A behaviour that every worker must have. */
export interface Case {
  readonly name: string;
  run(trial: Trial): Promise<void>;
  /** Present if the case needs a worker of its own. */
  readonly own?: {
    readonly slots?: number;
    /** How long handlers may take to end after SIGTERM, in seconds. @default 20 */
    readonly drainS?: number;
    /** Whether the case is only for workers that repeat claims with their request ids. */
    readonly needsRepeatedClaims?: boolean;
    /** Runs before the worker starts. */
    readonly before?: (trial: Trial) => Promise<void> | void;
  };
}
