import { LIMITS } from "./limits.ts";
import type { Operation } from "./operation/operation.ts";
import { firstLine, storable } from "./value/text.ts";

/** What failures that are alike have in common. */
export interface Fingerprint {
  /** Tells kinds of failures apart. */
  readonly key: string;
  readonly code: string;
  /** Of the error's ErrorInfo, as it can be stored; empty where there is none. */
  readonly reason: string;
  /** What went wrong, with words such as `‹n›` in place of what differs. */
  readonly text: string;
}

/** The kind of failure that an operation ended with; undefined where it did not fail. */
export function fingerprintOf(
  operation: Pick<Operation, "method" | "state" | "error" | "exception">,
): Fingerprint | undefined {
  const { method, state, error, exception } = operation;
  if (state !== "FAILED" || error === null) return undefined;
  const { code } = error;
  const reason = firstLine(storable(reasonOf(error.details)), LIMITS.failureTextMax);
  // An unexpected exception has the same message for all callers, whatever it was.
  const text = generalText(exception ?? error.message);
  return { key: hashOf([method, code, reason, text].join("\0")), code, reason, text };
}

/** A general text grows by no more than this from one replacement to the next: one digit becomes `‹n›`. */
const READ_MAX = 5 * LIMITS.failureTextMax;

/** What differs from one failure to the next, by the word for it. Each is read in time that grows with the text. */
const DIFFERENT: readonly (readonly [word: string, pattern: RegExp])[] = [
  ["‹text›", /"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)|“[^”]*”/g],
  [
    "‹id›",
    /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b|\b(?:0x)?(?=[a-f]*\d)[\da-f]{8,}\b/gi,
  ],
  ["‹path›", /(?<![\w‹›])(?:[a-z][a-z+.-]{1,9}:\/\/|[a-z]:[\\/]|\.{0,2}\/)[^\s"'`‹›()[\]{}<>,;]{2,}/gi],
  ["‹n›", /\d+(?:[.,_]\d+)*/g],
];

/** The first line of a text without what differs from one failure to the next. A general text is as it is. */
export function generalText(text: string): string {
  let general = firstLine(storable(text), READ_MAX);
  for (;;) {
    let next = general;
    for (const [word, pattern] of DIFFERENT) next = next.replace(pattern, word);
    // What is cut off may have kept something from being replaced.
    next = firstLine(next, LIMITS.failureTextMax);
    if (next === general) return general;
    general = next;
  }
}

function reasonOf(details: readonly unknown[]): string {
  for (const detail of details) {
    const { reason } = (detail ?? {}) as { readonly reason?: unknown };
    if (typeof reason === "string") return reason;
  }
  return "";
}

/** 64 bits as hexadecimal digits: FNV-1a from two beginnings. */
function hashOf(text: string): string {
  let [one, other] = [0x811c9dc5, 0x9747b28c];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 13);
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
