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

/** The facts for judging a failure. */
export interface FailureFacts {
  readonly operation: Operation;
  readonly method: Method;
  /** The `domain` of errors to which the handler gave no ErrorInfo. */
  readonly domain: string;
  /** The store's clock. */
  readonly now: number;
  /** A random number for the delay, from 0 to 1. */
  readonly fraction: number;
}

/**
 * Converts a value that a handler threw to a failure of the operation.
 *
 * A {@link StatusError} is deliberate and becomes the outcome unchanged, unless its code is among
 * the method's `retry.codes` and attempts are left. Its RetryInfo, if there is one, sets the
 * shortest delay until the next attempt. Any other value is unexpected: the operation is retried,
 * and the text is shown to operators only. This function never throws, even for hostile objects.
 */
export function failureOf(thrown: unknown, facts: FailureFacts): AttemptFailure {
  const deliberate = deliberateFailure(thrown, facts.domain);
  if (deliberate === undefined) return unexpected(textOf(thrown), facts);
  if (thrown instanceof AttemptError) return judgedFailure(thrown, deliberate, facts);
  const retried = facts.method.retry.codes.has(deliberate.error.code);
  const askedTime = facts.now + retryInfoMs(deliberate.error);
  return { ...deliberate, retryTime: retried ? Math.max(retryTime(facts), askedTime) : null };
}

/** The code that threw it knows whether another attempt is worthwhile. */
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
 * The stored request does not fit the method's schema, although it did at the start: the method has
 * changed since, or this worker runs an older release than the server that accepted the request.
 * The operation is retried, so that another worker can run it during a rolling release; if none
 * can, callers see the fields.
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

/**
 * The handler's response does not fit the method's schema. It is not retried, because the same code
 * would return the same response.
 */
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

/** The stored request is encrypted, and nobody can decrypt it any more. */
export function lostFailure({ domain }: FailureFacts): AttemptFailure {
  return { error: payloadLost(domain), exception: null, retryTime: null };
}

/** The deadline passed while the handler ran. The sweep would write the same a moment later. */
export function deadlineFailure({ domain }: FailureFacts): AttemptFailure {
  const error = ownFailure("DEADLINE_PASSED", "The operation did not end before its deadline.", { domain });
  return { error, exception: null, retryTime: null };
}

/** The handler stopped after a request to cancel. */
export function cancelledFailure({ domain }: FailureFacts): AttemptFailure {
  const error = ownFailure("OPERATION_CANCELLED", "The operation was cancelled.", { domain });
  return { error, exception: null, retryTime: null };
}

/**
 * Whether a handler threw because its signal was aborted: the signal's reason, or the platform's
 * AbortError.
 */
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

/** The number of nested causes shown. Longer chains repeat themselves. */
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

/** The failure in a StatusError; undefined for any other value, and for a malformed one. */
function deliberateFailure(
  thrown: unknown,
  domain: string,
): Pick<AttemptFailure, "error" | "exception"> | undefined {
  try {
    if (!(thrown instanceof StatusError)) return undefined;
    const { code } = thrown;
    // Handlers in JavaScript may use any code, but an unknown one must not be stored.
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
    // The stack contains the message at its creation; a message that was changed later is added.
    return typeof message === "string" && !stack.includes(message) ? `${message}\n${stack}` : stack;
  }
  if (typeof message === "string" && message !== "") return message;
  try {
    return inspect(thrown, { depth: 2, customInspect: false, maxArrayLength: 10, maxStringLength: 1_000 });
  } catch {
    return "A value that cannot be shown";
  }
}

/** Reads a property of any value; undefined if it is missing or reading it throws. */
function read(value: unknown, property: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[property];
  } catch {
    return undefined;
  }
}
