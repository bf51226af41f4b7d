import type { Trial } from "../trial.ts";

/** The lease of workers that a case has to itself, the shortest that there is. The others have half a minute. */
export const LEASE_S = 5;

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
  /** What the program must be able to know. */
  readonly needs?: "lastReport";
}
