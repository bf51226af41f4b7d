import type { TracePlace } from "../value/trace.ts";

/** Where the code that runs now is in a trace; undefined where it is in none, or nobody knows. */
export type ActiveTrace = () => TracePlace | undefined;
