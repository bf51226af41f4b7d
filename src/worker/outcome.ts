import { systemClock } from "../core/ports/clock.ts";
import { HandedOver } from "../core/method/handed-over.ts";
import { encodedResponse } from "../core/method/encoding.ts";
import { Postponed } from "../core/method/postponed.ts";
import type { AbortCause, Context, Method } from "../core/method/method.ts";
import { LIMITS } from "../core/limits.ts";
import type { Payload } from "../core/operation/payload.ts";
import { isSealed, LOST_REQUEST } from "../core/operation/sealed.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { AttemptAnswer, WorkerPort } from "../core/ports/worker-port.ts";
import type { AttemptFailure } from "../core/operation/transition.ts";
import { StatusError } from "../core/error/error.ts";
import { Validations } from "../core/method/validation.ts";
import {
  cancelledFailure,
  deadlineFailure,
  type FailureFacts,
  failureOf,
  isAbortError,
  lostFailure,
  requestFailure,
  responseFailure,
  textOf,
} from "./failure.ts";
import { violationsText } from "../core/error/violations.ts";

/**
 * How a handler ended: with a response, with a thrown value, or with values that do not fit the
 * schemas, which are converted to a failure already.
 */
export type HandlerOutcome =
  | { readonly response: Payload }
  | { readonly thrown: unknown }
  | { readonly failed: (facts: FailureFacts) => AttemptFailure };

/** The write that ends an attempt. */
export type Verdict =
  | { readonly verb: "complete"; readonly response: Payload }
  | { readonly verb: "fail"; readonly failure: AttemptFailure }
  | { readonly verb: "release"; readonly delayMs?: number }
  | { readonly verb: "handOver"; readonly leaseMs: number | undefined };

/**
 * How an attempt ended for its worker. `handed-over`: it stays open, and another process ends it.
 * `refused`: another attempt was current. `dropped`: nothing was written, because the lease was
 * lost or the store could not be reached in time.
 */
export type Ending = "completed" | "failed" | "released" | "handed-over" | "refused" | "dropped";

/** The ending after a written verdict. */
export const ENDINGS: Readonly<Record<Verdict["verb"], Ending>> = {
  complete: "completed",
  fail: "failed",
  release: "released",
  handOver: "handed-over",
};

/** The parts for running a handler, besides its request. */
export interface RunParts {
  /** Resolves when all reports have been validated, and rejects if one was invalid. */
  readonly settle: () => Promise<void>;
  /** @default validations on the machine's clock */
  readonly validations?: Validations;
}

/**
 * Runs a handler on a stored request. Never rejects, whatever the handler or the schemas do.
 *
 * The request is validated again, because the handler gets the schema's output, with defaults and
 * transformations.
 */
export async function runHandler(
  method: Method,
  request: string,
  context: Context,
  { settle, validations = new Validations(systemClock) }: RunParts,
): Promise<HandlerOutcome> {
  try {
    if (isSealed(request)) return unreadable(request);
    const input = await validations.of(method.request, JSON.parse(request));
    const { issues } = input;
    if (issues !== undefined) return { failed: (facts) => requestFailure(issues, facts) };
    const returned: unknown = await method.run(input.value, context);
    await settle();
    return await encodeResponse(method, returned, validations);
  } catch (thrown) {
    // The handler's error takes precedence over an invalid report.
    await settle().catch(() => {});
    return { thrown };
  }
}

/**
 * A permanently lost request ends the operation; one for which another process has the key waits
 * for that process.
 */
function unreadable(request: string): HandlerOutcome {
  if (request === LOST_REQUEST) return { failed: lostFailure };
  return { thrown: new Postponed("The request is encrypted.", LIMITS.keyMissingDelayMs) };
}

async function encodeResponse(
  method: Method,
  returned: unknown,
  validations: Validations,
): Promise<HandlerOutcome> {
  const encoded = await encodedResponse(method, returned, validations);
  if ("payload" in encoded) return { response: encoded.payload };
  const text = "issues" in encoded ? violationsText(encoded.issues) : textOf(encoded.thrown);
  return { failed: (facts) => responseFailure(text, facts) };
}

/**
 * Decides the verdict for an outcome, depending on why the attempt was aborted, if it was.
 *
 * - not aborted: the response or the failure counts.
 * - cancelled: a response stands, because the work was done; an abort error means cancellation; a
 *   failure is reported as it is, and the state machine turns all but a deliberate, final error
 *   into CANCELLED.
 * - deadline: the operation has failed, whatever the handler returned. The sweep would write the
 *   same.
 * - handed over: the attempt stays open without the worker. Only handlers of the service itself can
 *   request this.
 * - postponed: the attempt is released, for later. Only handlers of the service itself can request
 *   this.
 * - shutdown: a response, an invalid value, and a deliberate final error count. Any other thrown
 *   value means that the handler stopped, and another worker runs it again.
 */
export function verdictOf(
  outcome: HandlerOutcome,
  why: AbortCause | undefined,
  facts: FailureFacts,
): Verdict {
  if (why === "deadline") return { verb: "fail", failure: deadlineVerdict(outcome, facts) };
  if ("response" in outcome) return { verb: "complete", response: outcome.response };
  if ("failed" in outcome) return { verb: "fail", failure: outcome.failed(facts) };
  if (outcome.thrown instanceof HandedOver) return { verb: "handOver", leaseMs: outcome.thrown.leaseMs };
  if (why === "shutdown") return shutdownVerdict(outcome.thrown, facts);
  if (outcome.thrown instanceof Postponed) return { verb: "release", delayMs: outcome.thrown.delayMs };
  if (why === "cancelled" && isAbortError(outcome.thrown)) {
    return { verb: "fail", failure: cancelledFailure(facts) };
  }
  return { verb: "fail", failure: failureOf(outcome.thrown, facts) };
}

/** Other libraries throw CANCELLED when a signal stops them. */
function shutdownVerdict(thrown: unknown, facts: FailureFacts): Verdict {
  const failure = failureOf(thrown, facts);
  const isFinal = failure.retryTime === null && failure.error.code !== "CANCELLED";
  return isFinal ? { verb: "fail", failure } : { verb: "release" };
}

/**
 * The verdict after the store rejected the response itself: the server that declares the method may
 * have another schema than this worker. Undefined for any other error.
 */
export function verdictOfRefusal(
  { verb }: Verdict,
  error: unknown,
  facts: FailureFacts,
): Verdict | undefined {
  if (verb !== "complete" || !(error instanceof StatusError) || error.code !== "INVALID_ARGUMENT")
    return undefined;
  return { verb: "fail", failure: responseFailure(error.message, facts) };
}

function deadlineVerdict(outcome: HandlerOutcome, facts: FailureFacts): AttemptFailure {
  const exception = "thrown" in outcome && !isAbortError(outcome.thrown) ? textOf(outcome.thrown) : null;
  return { ...deadlineFailure(facts), exception };
}

/**
 * Writes the verdict of an attempt. If the attempt is handed over, its lease is extended once more.
 * The stored report is unchanged then, because the new holder may have reported already.
 *
 * @param last.leaseMs the length of that lease, if the handler did not set it
 * @param last.unwritten the last report of the handler; null if it is stored
 * @throws {StatusError} as the store does
 */
export async function writeVerdict(
  attempts: WorkerPort,
  operation: Operation,
  verdict: Verdict,
  last: { readonly leaseMs: number; readonly unwritten: Payload | null },
): Promise<AttemptAnswer> {
  switch (verdict.verb) {
    case "complete":
      return attempts.complete(operation, verdict.response);
    case "fail":
      return attempts.fail(operation, verdict.failure);
    case "release":
      return attempts.release(operation, verdict.delayMs);
    case "handOver": {
      const given = [operation, verdict.leaseMs ?? last.leaseMs, last.unwritten] as const;
      const { held } = await (attempts.handOver?.(...given) ?? attempts.report(...given));
      return held ? { operation } : "lost";
    }
  }
}
