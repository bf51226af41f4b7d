import type { ErrorDetail } from "../error/details.ts";
import type { StatusError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";
import { parseDurationMs } from "../value/duration.ts";
import { writeJson } from "../value/json.ts";
import { storable } from "../value/text.ts";
import type { Failure } from "./operation.ts";

/** The stored form of a handler's error: within the limits, and equal in every store. */

/** Details as plain JSON, and a note for operators about dropped details. */
export interface KeptDetails {
  readonly details: readonly ErrorDetail[];
  readonly note: string | undefined;
}

/** The details as plain JSON. If they cannot be stored, only the ErrorInfo, or nothing. */
export function keptDetails(given: readonly ErrorDetail[]): KeptDetails {
  const details = given.filter((detail) => typeof detail === "object" && typeof detail["@type"] === "string");
  const untyped = details.length < given.length ? "A detail without @type was left out." : undefined;
  const all = plainDetails(details);
  if (typeof all !== "string") return { details: all, note: untyped };
  const info = details.filter((detail) => detail["@type"].endsWith("google.rpc.ErrorInfo")).slice(0, 1);
  const least = plainDetails(info);
  return { details: typeof least === "string" ? [] : least, note: `The details were left out: ${all}.` };
}

/** The details as plain JSON, or the reason that they have no such form. */
function plainDetails(details: readonly ErrorDetail[]): readonly ErrorDetail[] | string {
  try {
    return JSON.parse(writeJson(details, { bytesMax: LIMITS.detailsBytesMax })) as readonly ErrorDetail[];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";

/** The minimum delay of the next attempt from the error's RetryInfo; 0 without one. */
export function retryInfoMs({ details }: Failure | StatusError): number {
  const delay = details.find((each) => each["@type"] === RETRY_INFO)?.["retryDelay"];
  const ms = typeof delay === "string" ? parseDurationMs(delay) : undefined;
  return Math.min(ms ?? 0, LIMITS.retryInfoMsMax);
}

/** A message for callers, shortened if it is too long. */
export function messageText(text: string): string {
  return cut(text, LIMITS.messageLengthMax).toWellFormed();
}

/** A text for operators, shortened if it is too long. */
export function exceptionText(text: string): string {
  return storable(cut(text, LIMITS.failureLengthMax));
}

/** May split a surrogate pair, which the callers repair. */
function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 2)} …`;
}
