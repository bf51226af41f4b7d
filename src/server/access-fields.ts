import type { Caller } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";

/** A path as the log has it: callers choose how long it is. */
export function loggedPath(path: string): string {
  return path.slice(0, LIMITS.loggedPathLengthMax);
}

/** Who called, as far as that is known. */
export function loggedCaller(caller: Caller | undefined): {
  readonly principal?: string;
  readonly traceparent?: string;
} {
  if (caller === undefined) return {};
  const { traceparent } = caller;
  const principal = caller.principal.slice(0, LIMITS.callerLengthMax);
  return traceparent === undefined ? { principal } : { principal, traceparent };
}

/** Milliseconds without what is below a microsecond: nobody reads it. */
export function inMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
