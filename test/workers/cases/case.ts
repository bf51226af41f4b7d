import type { Trial } from "../trial.ts";

/**
 * The lease of workers that a case has to itself, in seconds. It is twice the shortest one, so that a
 * worker renews in time on a machine that is ten times as slow as usual. Shared workers have 30 s.
 */
export const LEASE_S = 10;

/** Something that every worker does, or does not do. */
export interface Case {
  readonly name: string;
  run(trial: Trial): Promise<void>;
  /** Present where the case needs a worker of its own. */
  readonly own?: {
    readonly slots?: number;
    /** How long handlers may end on SIGTERM, in seconds. @default 20 */
    readonly drainS?: number;
    /** Before the worker starts. */
    readonly before?: (trial: Trial) => Promise<void> | void;
  };
}
