import { inspect } from "node:util";
import { CODES } from "../core/error/code.ts";
import { errorInfo } from "../core/error/details.ts";
import { errorDetails } from "../core/error/error-details.ts";
import { StatusError } from "../core/error/error.ts";
import { AttemptError } from "../core/method/attempt-error.ts";
import type { Method } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import { retryDelayMs } from "../core/method/retry.ts";
import type { SchemaIssue } from "../core/method/schema.ts";
import { exceptionText, keptDetails, messageText, retryInfoMs } from "../core/operation/kept-failure.ts";
import { type AttemptFailure, ownFailure, payloadLost } from "../core/operation/transition.ts";
import { Violations } from "../core/error/violations.ts";

/** What a failure is judged with. */
export interface FailureFacts {
  readonly operation: Operation;
  readonly method: Method;
  /** The `domain` of errors whose handler gave them no ErrorInfo. */
  readonly domain: string;
  /** The store's clock. */
  readonly now: number;
  /** Chance for the delay, from 0 to 1. */
  readonly fraction: number;
}

/**
 * What something a handler threw means for the operation.
 *
 * A {@link StatusError} was thrown on purpose and is the outcome as it is, unless its code is among the method's
 * `retry.codes` and attempts are left. Its RetryInfo, if it has one, says how long the next is put off at least. Anything else is unexpected: it is retried, its text is for operators only.
 * Whatever was thrown, hostile objects included, this returns.
 */
export function failureOf(thrown: unknown, facts: FailureFacts): AttemptFailure {
  const deliberate = deliberateFailure(thrown, facts.domain);
  if (deliberate === undefined) return unexpected(textOf(thrown), facts);
  if (thrown instanceof AttemptError) return judgedFailure(thrown, deliberate, facts);
  const retried = facts.method.retry.codes.has(deliberate.error.code);
  const askedTime = facts.now + retryInfoMs(deliberate.error);
  return { ...deliberate, retryTime: retried ? Math.max(retryTime(facts), askedTime) : null };
}

/** Whoever threw it knows whether another attempt is worth it. */
function judgedFailure(
  { retryDelayMs: delayMs, exception }: AttemptError,
  { error, exception: note }: Pick<AttemptFailure, "error" | "exception">,
  facts: FailureFacts,
): AttemptFailure {
  return {
    error,
    exception: exception === null ? note : exceptionText(exception),
    retryTime: delayMs === null ? null : Math.max(retryTime(facts), facts.now + delayMs),
  };
}

/**
 * The stored request does not fit the method's schema, though it did when the operation was started: the method has
 * changed since, or this worker runs an older release than the server that took the request. Retried, so that during a
 * rolling release another worker may take it; callers are told the fields if nobody can.
 */
export function requestFailure(issues: readonly SchemaIssue[], facts: FailureFacts): AttemptFailure {
  const { name } = facts.method;
  const found = Violations.of(issues);
  const error = ownFailure(
    "REQUEST_INVALID",
    messageText(`The request no longer fits the schema of "${name}": ${found.text}`),
    { domain: facts.domain, metadata: { method: name } },
  );
  const { details } = keptDetails([...error.details, found.detail]);
  return {
    error: { ...error, details },
    exception: `The stored request does not fit the schema of "${name}" that this worker has: ${found.text}`,
    retryTime: retryTime(facts),
  };
}

/** What the handler returned is no response of the method. Not retried: the same code would return the same again. */
export function responseFailure(text: string, { method, domain }: FailureFacts): AttemptFailure {
  return {
    error: ownFailure("RESPONSE_INVALID", `The handler of "${method.name}" gave an invalid response.`, {
      domain,
      metadata: { method: method.name },
    }),
    exception: exceptionText(`The response of "${method.name}" is invalid: ${text}`),
    retryTime: null,
  };
}

/** The stored request was encrypted, and nobody can read it any more. */
export function lostFailure({ domain }: FailureFacts): AttemptFailure {
  return { error: payloadLost(domain), exception: null, retryTime: null };
}

/** The deadline passed while the handler ran. The sweep would say the same a moment later. */
export function deadlineFailure({ domain }: FailureFacts): AttemptFailure {
  const error = ownFailure("DEADLINE_PASSED", "The operation did not end before its deadline.", { domain });
  return { error, exception: null, retryTime: null };
}

/** The handler stopped because somebody asked for cancellation. */
export function cancelledFailure({ domain }: FailureFacts): AttemptFailure {
  const error = ownFailure("OPERATION_CANCELLED", "The operation was cancelled.", { domain });
  return { error, exception: null, retryTime: null };
}

/** Whether a handler threw what its aborted signal makes things throw: the signal's reason, or a platform's AbortError. */
export function isAbortError(thrown: unknown): boolean {
  return read(thrown, "name") === "AbortError";
}

/** Message, stack and causes, for operators. */
export function textOf(thrown: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let error = thrown; parts.length < CAUSES_MAX && !seen.has(error); error = read(error, "cause")) {
    if (parts.length > 0 && (error === undefined || error === null)) break;
    seen.add(error);
    parts.push(describe(error));
  }
  return exceptionText(parts.join("\nCaused by: "));
}

/** Causes of causes that are told. Longer chains repeat themselves. */
const CAUSES_MAX = 8;

function unexpected(exception: string, facts: FailureFacts): AttemptFailure {
  const { method, operation } = facts;
  const attempts = operation.failedAttempts + 1;
  const error = ownFailure(
    "HANDLER_FAILED",
    `The handler of "${method.name}" failed unexpectedly; ${attempts} of ${operation.attemptsMax} attempts were made.`,
    { domain: facts.domain, metadata: { method: method.name, attempts: String(attempts) } },
  );
  return { error, exception, retryTime: retryTime(facts) };
}

function retryTime({ now, method, operation, fraction }: FailureFacts): number {
  return now + retryDelayMs(method.retry, operation.failedAttempts + 1, fraction);
}

/** The failure that a StatusError stands for; undefined for everything else, and for one that is not well-formed. */
function deliberateFailure(
  thrown: unknown,
  domain: string,
): Pick<AttemptFailure, "error" | "exception"> | undefined {
  try {
    if (!(thrown instanceof StatusError)) return undefined;
    const { code } = thrown;
    // Handlers in JavaScript may pass anything; an unknown code must not reach the store.
    if (!Object.hasOwn(CODES, code) || (code as string) === "OK") return undefined;
    const fallback = errorInfo({ reason: code, domain });
    const { details, note } = keptDetails(errorDetails(thrown, domain));
    return {
      error: {
        code,
        message: messageText(thrown.message),
        details: details.length > 0 ? details : [fallback],
      },
      exception: note === undefined ? null : exceptionText(`${note}\n${textOf(thrown)}`),
    };
  } catch {
    return undefined;
  }
}

function describe(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  const stack = read(thrown, "stack");
  const message = read(thrown, "message");
  if (typeof stack === "string" && stack !== "") {
    // The stack holds the message as it was when the stack was made; one that was changed later is told too.
    return typeof message === "string" && !stack.includes(message) ? `${message}\n${stack}` : stack;
  }
  if (typeof message === "string" && message !== "") return message;
  try {
    return inspect(thrown, { depth: 2, customInspect: false, maxArrayLength: 10, maxStringLength: 1_000 });
  } catch {
    return "A value that cannot be shown";
  }
}

/** Reads a property of anything; undefined where there is none or reading it throws. */
function read(value: unknown, property: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[property];
  } catch {
    return undefined;
  }
}
