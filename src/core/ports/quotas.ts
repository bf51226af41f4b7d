import type { Call } from "./authorizer.ts";

/** Limits how much callers may do. */
export interface Quotas {
  /** Counts a call if it is allowed. @returns whether it is; otherwise nothing is counted, and `take` says why not */
  passes(call: Call): boolean;
  /**
   * Counts a call that is allowed; undefined: it is.
   *
   * @returns rejects for one too many, after a pause: whoever asks over and over is answered seldom
   */
  take(call: Call): Promise<void> | undefined;
}
