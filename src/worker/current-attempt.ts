import { AsyncLocalStorage } from "node:async_hooks";
import type { AttemptFacts } from "../core/ports/worker-port.ts";

/** The attempt whose handler called the running code. */
export interface CurrentAttempt extends AttemptFacts {
  /** With tracing, that of the attempt's span; otherwise the stored one of the start. */
  readonly traceContext: string | null;
  /**
   * Ends the attempt as if its handler had thrown the error. It has no effect once the attempt has
   * ended.
   */
  fail(error: unknown): void;
}

/** Costs 0.2 µs of the 1 ms that an attempt takes. */
const here = new AsyncLocalStorage<CurrentAttempt>();

/**
 * Runs a handler so that everything it starts, and leaves running, can be attributed to this
 * attempt.
 */
export function runWithinAttempt<Result>(attempt: CurrentAttempt, run: () => Result): Result {
  return here.run(attempt, run);
}

/** The attempt of the running code, as far as Node can tell; undefined outside of handlers. */
export function currentAttempt(): CurrentAttempt | undefined {
  return here.getStore();
}
