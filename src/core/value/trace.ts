/** A place in a trace. */
export interface TracePlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether its sender records the trace. */
  readonly isSampled: boolean;
}

/** Version, trace, parent, flags; versions to come may have more behind. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** The place that a `traceparent` names; undefined for what is none. @see W3C Trace Context, section 3.2 */
export function parseTraceparent(text: string): TracePlace | undefined {
  const [, version, traceId = "", spanId = "", flags = ""] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && text.length > LENGTH))
    return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Of one of version 00. */
const LENGTH = 55;
