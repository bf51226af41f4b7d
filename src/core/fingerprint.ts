import { LIMITS } from "./limits.ts";
import type { Operation } from "./operation/operation.ts";
import { firstLine, storable } from "./value/text.ts";

/** The common properties of similar failures. */
export interface Fingerprint {
  /** Distinguishes kinds of failures. */
  readonly key: string;
  readonly code: string;
  /** The reason in the error's ErrorInfo, in storable form; empty without one. */
  readonly reason: string;
  /** The error text, with placeholders such as `‹n›` for the variable parts. */
  readonly text: string;
}

/** The fingerprint of an operation's failure; undefined if it did not fail. */
export function fingerprintOf(
  operation: Pick<Operation, "method" | "state" | "error" | "exception">,
): Fingerprint | undefined {
  const { method, state, error, exception } = operation;
  if (state !== "FAILED" || error === null) return undefined;
  const { code } = error;
  const reason = firstLine(storable(reasonOf(error.details)), LIMITS.failureTextMax);
  // Callers see the same message for every unexpected exception, so the exception is used.
  const text = generalText(exception ?? error.message);
  return { key: hashOf([method, code, reason, text].join("\0")), code, reason, text };
}

/** One replacement makes a text at most this much longer: one digit becomes `‹n›`. */
const READ_MAX = 5 * LIMITS.failureTextMax;

/** The variable parts of error texts with their placeholders. Each pattern takes linear time. */
const DIFFERENT: readonly (readonly [word: string, pattern: RegExp])[] = [
  ["‹text›", /"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)|“[^”]*”/g],
  [
    "‹id›",
    /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b|\b(?:0x)?(?=[a-f]*\d)[\da-f]{8,}\b/gi,
  ],
  ["‹path›", /(?<![\w‹›])(?:[a-z][a-z+.-]{1,9}:\/\/|[a-z]:[\\/]|\.{0,2}\/)[^\s"'`‹›()[\]{}<>,;]{2,}/gi],
  ["‹n›", /\d+(?:[.,_]\d+)*/g],
];

/** The first line of a text with placeholders for its variable parts. Idempotent. */
export function generalText(text: string): string {
  let general = firstLine(storable(text), READ_MAX);
  for (;;) {
    let next = general;
    for (const [word, pattern] of DIFFERENT) next = next.replace(pattern, word);
    // The part that is cut off may have prevented a replacement.
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

/** 64 bits as hexadecimal digits: FNV-1a with two initial values. */
function hashOf(text: string): string {
  let [one, other] = [0x811c9dc5, 0x9747b28c];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 13);
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
