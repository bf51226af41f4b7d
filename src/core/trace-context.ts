import { LIMITS } from "./limits.ts";

/**
 * The place of a call in a trace, as stored in a record: a `traceparent`, followed by a space and
 * the `tracestate` if there is one and it fits.
 *
 * @see W3C Trace Context
 */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  /** Two digits; the last bit means that the trace is recorded. */
  readonly flags: string;
  /** Empty for none. */
  readonly state: string;
}

/** Later versions begin with the same fields and may have more; this version has no others. */
const FORM =
  /^(?!ff)(?!00.{53}-)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-[^ ]*)?(?: ([!-~][ -~]*))?$/;

/** The text for a record. */
export function traceContextText({ traceId, spanId, flags, state }: TraceContext): string {
  const parent = `00-${traceId}-${spanId}-${flags}`;
  const whole = `${parent} ${state}`;
  // A cut `tracestate` would have another meaning.
  return state === "" || whole.length > LIMITS.traceContextBytesMax ? parent : whole;
}

/** Parses the text of a record or a received `traceparent`; undefined if it is invalid. */
export function readTraceContext(text: string | null): TraceContext | undefined {
  if (text === null || text.length > LIMITS.traceContextBytesMax) return undefined;
  const [, traceId, spanId, flags, state = ""] = FORM.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags, state };
}

/** The `traceparent` of a stored trace context; undefined for none. */
export function traceparentOf(traceContext: string | null): string | undefined {
  return traceContext?.split(" ", 1)[0];
}

/** Whether the sender records the trace. */
export function isSampled({ flags }: Pick<TraceContext, "flags">): boolean {
  return (Number.parseInt(flags, 16) & 1) === 1;
}

/** The stored form of a caller's `traceparent`; null if it is missing or invalid. */
export function keptTraceContext(traceparent: string | undefined): string | null {
  const read = traceparent === undefined ? undefined : readTraceContext(traceparent);
  return read === undefined ? null : traceContextText(read);
}
