import { serviceError, type StatusError } from "../../core/error/error.ts";
import type { AttemptEnd } from "../../core/operation/attempts.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";

/** The outcome that a worker reports for an attempt. */
export type Wanted =
  | { readonly verb: "complete"; readonly response: Payload }
  | { readonly verb: "fail" }
  | { readonly verb: "release" };

/** The recorded ends of attempts for each kind of outcome. */
const ENDS: Readonly<Record<"fail" | "release", readonly AttemptEnd[]>> = {
  fail: ["failed", "cancelled", "deadline"],
  release: ["released", "cancelled"],
};

/**
 * Whether an attempt already has this outcome, because the worker repeats a call whose answer was
 * lost.
 */
export function stands(operation: Operation, attempt: number, wanted: Wanted): boolean {
  if (wanted.verb === "complete") {
    const { state, response } = operation;
    if (state !== "SUCCEEDED" || operation.attempt !== attempt || response === null) return false;
    return response.type === wanted.response.type && response.json === wanted.response.json;
  }
  const kept = operation.attempts.find(({ number }) => number === attempt);
  return kept !== undefined && ENDS[wanted.verb].includes(kept.how);
}

/** The error for an attempt that is not the current one. */
export function lostError(operation: Operation, attempt: number): StatusError {
  const name = formatName(operation);
  const { state } = operation;
  const metadata = { operation: name, attempt: String(attempt), state };
  if (isDone(operation))
    return serviceError("OPERATION_DONE", `Operation "${name}" has ended already, as ${state}.`, {
      metadata,
    });
  const current = `it is ${state} now, and attempt ${operation.attempt} was the last to begin`;
  return serviceError("ATTEMPT_LOST", `Attempt ${attempt} of "${name}" does not go on: ${current}.`, {
    metadata,
  });
}
