import { badRequest } from "../core/details.ts";
import { serviceError } from "../core/error.ts";
import { formatDuration } from "../core/duration.ts";
import { fieldViolations, issuesText } from "../core/issues.ts";
import { LIMITS } from "../core/limits.ts";
import type { Method } from "../core/method.ts";

/** What a caller asks for when starting an operation. */
export interface StartRequest {
  /** The name of a declared method. */
  readonly method: string;
  /** The collection to put the operation under. @default "" */
  readonly parent?: string | undefined;
  /** The request as JSON: an object that fits the method's request schema. */
  readonly request: unknown;
  /**
   * The same id with the same request gives the same operation, for as long as that is kept. Where it is left out, a
   * `requestId` field of the request counts, if the method's schema has one (AIP-155).
   */
  readonly requestId?: string | undefined;
  /** Checks everything and starts nothing. A `validateOnly` field of the request counts as well (AIP-163). */
  readonly validateOnly?: boolean | undefined;
  /** How long to keep the finished operation, within the method's bounds. */
  readonly timeToLiveMs?: number | undefined;
}

/**
 * Validates a request with the method's schema.
 *
 * @returns the schema's output, which is what the handler will see
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID with one field violation for each thing that is wrong
 */
export async function validateRequest(method: Method, request: unknown): Promise<unknown> {
  const result = await method.request["~standard"].validate(request);
  if (result.issues === undefined) return result.value;
  throw serviceError("REQUEST_INVALID", `Invalid request for ${method.name}: ${issuesText(result.issues)}`, {
    metadata: { method: method.name },
    details: [badRequest({ fieldViolations: fieldViolations(result.issues) })],
  });
}

/** A field that the schema kept, that is, one that the request type has. */
function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Whether the call only asks if it would be accepted. */
export function isValidateOnly(start: StartRequest, validated: unknown): boolean {
  return start.validateOnly === true || field(validated, "validateOnly") === true;
}

/** The request id of a call, or null. @throws {StatusError} INVALID_ARGUMENT REQUEST_ID_INVALID */
export function requestIdOf(start: StartRequest, validated: unknown): string | null {
  const inRequest = field(validated, "requestId");
  const fromRequest = typeof inRequest === "string" && inRequest !== "" ? inRequest : undefined;
  const requestId = start.requestId ?? fromRequest;
  if (requestId === undefined) return null;
  if (fromRequest !== undefined && fromRequest !== requestId)
    throw badRequestId("the call and its request give different ones");
  const length = [...requestId].length;
  if (length === 0) throw badRequestId("it is empty; leave it out or give a new UUID for each new operation");
  if (length > LIMITS.requestIdLengthMax)
    throw badRequestId(`expected ${LIMITS.requestIdLengthMax} characters at most, got ${length}`);
  return requestId;
}

function badRequestId(rule: string): Error {
  return serviceError("REQUEST_ID_INVALID", `Invalid request id: ${rule}.`);
}

/** How long the operation is kept once done. @throws {StatusError} INVALID_ARGUMENT TIME_TO_LIVE_INVALID */
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
