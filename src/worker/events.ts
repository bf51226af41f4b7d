import type { AbortCause } from "../core/method/method.ts";

/**
 * What happens in a worker, told as it happens: a test awaits these names and never sleeps, and metrics can count them.
 * Nothing depends on anybody listening.
 */
export type WorkerSignal =
  | { readonly name: "claiming"; readonly limit: number }
  | { readonly name: "claimed"; readonly count: number }
  | { readonly name: "claim-failed" }
  | { readonly name: "began"; readonly id: string; readonly attempt: number }
  | { readonly name: "aborted"; readonly id: string; readonly attempt: number; readonly why: AbortCause }
  | { readonly name: "write-failed"; readonly id: string; readonly attempt: number }
  | { readonly name: "ended"; readonly id: string; readonly attempt: number; readonly how: Ending };

/**
 * How an attempt ended for its worker. `refused`: it was written, and the attempt was not the current one any more.
 * `dropped`: nothing was written, since the lease was lost or the store could not be reached in time.
 */
export type Ending = "completed" | "failed" | "released" | "refused" | "dropped";

/** Is told every signal. Must not throw. */
export type Observe = (signal: WorkerSignal) => void;
