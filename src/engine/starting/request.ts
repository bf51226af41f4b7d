import { serviceError, StatusError } from "../../core/error/error.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { Violations } from "../../core/error/violations.ts";
import { canonicalJson, lostNumberError } from "../../core/value/json.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Method } from "../../core/method/method.ts";
import { lostNumber } from "../../core/value/number-source.ts";
import { requestRefusal } from "../../core/method/request-json.ts";
import type { CallerTransaction } from "../../core/ports/caller-transaction.ts";
import { identifierViolation } from "../../core/value/text.ts";
import type { SchemaResult } from "../../core/method/schema.ts";
import type { Validations } from "../../core/method/validation.ts";

/** The request to start an operation. */
export interface StartRequest {
  /** The name of a declared method. */
  readonly method: string;
  /**
   * The parent of the operation. @default derived from the request by the method; "" for a method
   * declared in code
   */
  readonly parent?: string | undefined;
  /** The request as JSON: an object that matches the method's request schema. */
  readonly request: unknown;
  /**
   * The same id with the same request returns the same operation, as long as the operation is kept.
   * Without it, the `requestId` field of the request is used, if the method's schema has one
   * (AIP-155).
   */
  readonly requestId?: string | undefined;
  /**
   * Only validates; starts nothing. A `validateOnly` field of the request counts as well (AIP-163).
   */
  readonly validateOnly?: boolean | undefined;
  /** How long the finished operation is kept, within the method's bounds. */
  readonly timeToLiveMs?: number | undefined;
  /**
   * The time between the start and the earliest first attempt. Whole milliseconds, 0 to a year.
   * @default 0
   */
  readonly delayMs?: number | undefined;
  /**
   * A whole number from 0 to 9. Among available operations, a higher priority begins first.
   * @default 0
   */
  readonly priority?: number | undefined;
  /**
   * An address that receives an event when the operation ends. The operator must allow its host.
   * @default none
   */
  readonly callbackUrl?: string | undefined;
  /** The caller's transaction for the operation. @default the store's own transaction */
  readonly transaction?: CallerTransaction | undefined;
}

/**
 * Validates a request with the method's schema.
 *
 * @returns the schema's output, which the handler receives
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID with a field violation for each mistake;
 * INTERNAL METHOD_FAILED if the schema throws or never answers
 */
export async function validateRequest(
  method: Pick<Method, "name" | "request">,
  request: unknown,
  validations: Validations,
): Promise<unknown> {
  let result: SchemaResult<unknown>;
  try {
    result = await validations.of(method.request, request);
  } catch (cause) {
    throw methodFailure(method, "request", cause);
  }
  if (result.issues === undefined) return result.value;
  const violations = Violations.of(result.issues);
  throw violations.error("REQUEST_INVALID", {
    message: `Invalid request for ${method.name}: ${violations.text}`,
    metadata: { method: method.name },
  });
}

/**
 * Calls a function of the method's own code.
 *
 * @param part the name of the function's option
 * @throws {StatusError} a StatusError of the function; INTERNAL METHOD_FAILED with the cause for
 * any other error
 */
export function ofMethod<Given>(
  method: Pick<Method, "name">,
  part: "parallel.key" | "target" | "parent",
  run: () => Given,
): Given {
  try {
    return run();
  } catch (cause) {
    throw methodFailure(method, part, cause);
  }
}

function methodFailure({ name }: Pick<Method, "name">, part: string, cause: unknown): StatusError {
  if (cause instanceof StatusError) return cause;
  const message = `The method "${name}" failed before anything was started: its "${part}" did. The service's log has the cause.`;
  return serviceError("METHOD_FAILED", message, { metadata: { method: name, part }, cause });
}

/**
 * Converts a request of an in-process caller or an RPC to JSON.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID if JSON cannot express it, for example an
 * Any of an unknown type
 */
export function requestJson(method: Pick<Method, "name" | "codec">, request: unknown): unknown {
  try {
    return method.codec.request(request);
  } catch (cause) {
    throw requestRefusal(method.name, cause);
  }
}

/**
 * The stored text of a request, which is also compared with repeated requests.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID if JSON cannot express a value, with its
 * path
 */
export function requestText(method: Pick<Method, "name">, request: unknown): string {
  try {
    const lost = lostNumber(request);
    if (lost !== undefined) throw lostNumberError(lost);
    return canonicalJson(request);
  } catch (cause) {
    throw requestRefusal(method.name, cause);
  }
}

/** A field of the validated request; undefined if its type lacks the field. */
function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Whether the call only validates the request. */
export function isValidateOnly(start: StartRequest, validated: unknown): boolean {
  return start.validateOnly === true || field(validated, "validateOnly") === true;
}

/** The request id of a call, or null. @throws {StatusError} INVALID_ARGUMENT REQUEST_ID_INVALID */
export function requestIdOf(start: StartRequest, validated: unknown): string | null {
  const inRequest = field(validated, "requestId");
  const fromRequest = typeof inRequest === "string" && inRequest !== "" ? inRequest : undefined;
  const requestId: unknown = start.requestId ?? fromRequest;
  if (requestId === undefined) return null;
  if (fromRequest !== undefined && fromRequest !== requestId)
    throw badRequestId("the call and its request give different ones");
  if (typeof requestId !== "string") throw badRequestId(`expected a text, got ${typeof requestId}`);
  const violation = identifierViolation(requestId);
  if (violation !== undefined) throw badRequestId(violation);
  const length = [...requestId].length;
  if (length === 0) throw badRequestId("it is empty; leave it out or give a new UUID for each new operation");
  if (length > LIMITS.requestIdLengthMax)
    throw badRequestId(`expected ${LIMITS.requestIdLengthMax} characters at most, got ${length}`);
  return requestId;
}

function badRequestId(rule: string): Error {
  return serviceError("REQUEST_ID_INVALID", `Invalid request id: ${rule}.`);
}

/**
 * How long the finished operation is kept. @throws {StatusError} INVALID_ARGUMENT
 * TIME_TO_LIVE_INVALID
 */
export function timeToLiveOf(start: StartRequest, method: Method): number {
  const { defaultMs, minMs, maxMs } = method.timeToLive;
  const wished = start.timeToLiveMs ?? defaultMs;
  if (wished >= minMs && wished <= maxMs) return wished;
  const [min, max, got] = [minMs, maxMs, wished].map(formatDuration);
  throw serviceError(
    "TIME_TO_LIVE_INVALID",
    `Invalid time to live for ${method.name}: expected ${min} to ${max}, got ${got}.`,
    {
      metadata: { method: method.name, min: String(min), max: String(max) },
    },
  );
}

/**
 * The time between the start and the earliest first attempt. @throws {StatusError} INVALID_ARGUMENT
 * DELAY_INVALID
 */
export function delayOf({ delayMs = 0 }: Pick<StartRequest, "delayMs">): number {
  if (delayMs >= 0 && delayMs <= LIMITS.delayMsMax) return Math.round(delayMs);
  const [max, got] = [LIMITS.delayMsMax, delayMs].map(formatDuration);
  throw serviceError("DELAY_INVALID", `Invalid delay: expected 0s to ${max}, got ${got}.`, {
    metadata: { max: String(max), delay: String(got) },
  });
}

/** The priority of an operation. @throws {StatusError} INVALID_ARGUMENT PRIORITY_INVALID */
export function priorityOf({ priority = 0 }: Pick<StartRequest, "priority">): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= LIMITS.priorityMax) return priority + 0;
  throw serviceError(
    "PRIORITY_INVALID",
    `Invalid priority: expected a whole number from 0 to ${LIMITS.priorityMax}, got ${String(priority)}.`,
    { metadata: { max: String(LIMITS.priorityMax), priority: String(priority) } },
  );
}

/**
 * The key of an operation for a method's limit; null without a limit.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID if the request results in a key that is
 * too long
 */
export function parallelKeyOf(method: Pick<Method, "name" | "parallel">, validated: unknown): string | null {
  const { parallel } = method;
  if (parallel === null) return null;
  const key = ofMethod(method, "parallel.key", () => parallel.key(validated));
  return madeOfRequest(method, "key", key, LIMITS.parallelKeyLengthMax);
}

/**
 * The name of the resource that an operation works on; empty for none.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID if the derived name is invalid
 */
export function targetOf(method: Pick<Method, "name" | "target">, validated: unknown): string {
  const target = ofMethod(method, "target", () => method.target(validated));
  return madeOfRequest(method, "target", target, LIMITS.targetLengthMax);
}

/** Checks a text that the method's own function derived from a valid request. */
function madeOfRequest(
  method: Pick<Method, "name">,
  what: "key" | "target",
  text: string,
  lengthMax: number,
): string {
  const length = [...text].length;
  const violation =
    length > lengthMax ? `it has ${length} characters, and may have ${lengthMax}` : identifierViolation(text);
  if (violation === undefined) return text;
  throw serviceError(
    "REQUEST_INVALID",
    `Invalid request for ${method.name}: the ${what} that is made of it cannot be used: ${violation}.`,
    { metadata: { method: method.name } },
  );
}

/** Creates the error for a start above the method's limit of parallel operations. */
export function parallelLimitReached(method: string, key: string, limit: number): Error {
  const ofKey = key === "" ? "" : ` with the key "${key}"`;
  const [all, are] = limit === 1 ? ["1 operation", "1 is"] : [`${limit} operations`, `${limit} are`];
  return serviceError(
    "PARALLEL_LIMIT_REACHED",
    `Method "${method}" allows ${all} in parallel${ofKey}, and ${are} not done; ` +
      "start it again when one is done.",
    { metadata: { method, key, limit: String(limit) } },
  );
}
