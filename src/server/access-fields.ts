import type { Caller } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";

/** A path for the log, cut to a limit because callers choose its length. */
export function loggedPath(path: string): string {
  return path.slice(0, LIMITS.loggedPathLengthMax);
}

/** The caller's fields for the log, as far as they are known. */
export function loggedCaller(caller: Caller | undefined): {
  readonly principal?: string;
  readonly traceparent?: string;
} {
  if (caller === undefined) return {};
  const { traceparent } = caller;
  const principal = caller.principal.slice(0, LIMITS.callerLengthMax);
  return traceparent === undefined ? { principal } : { principal, traceparent };
}

/** Rounds milliseconds to whole microseconds. */
export function inMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
