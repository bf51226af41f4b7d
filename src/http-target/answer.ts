import type { IncomingMessage } from "node:http";
import { AttemptError } from "../core/method/attempt-error.ts";
import type { Method } from "../core/method/method.ts";
import { HandedOver } from "../core/method/handed-over.ts";
import { REASONS, type Reason } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import { jsonExtent } from "../core/operation/payload.ts";
import { lostNumberError } from "../core/value/json.ts";
import { lostNumber, parseJson } from "../core/value/number-source.ts";
import { discardBody } from "../outbound/discard.ts";
import { retryAfterMs } from "../outbound/retry-after.ts";
import { codeOfHttpStatus, HTTP_ACCEPTED, isEmptyStatus, isRedirect, isWorthRetrying } from "../wire/code.ts";
import { type ReadBody, readBody } from "../outbound/body.ts";
import { errorCodeOf, isJson, retryInfoMs, toldError } from "./error-body.ts";
import { leaseMsOf } from "./request.ts";

/** The parts for reading an answer. */
export interface AnswerParts {
  readonly method: Method;
  /** Whether the target got a token to end the attempt later. */
  readonly hasToken: boolean;
  readonly clock: Clock;
  /** Ends the read. */
  readonly signal: AbortSignal;
}

/**
 * Converts the answer of a target to the result of a handler.
 *
 * @throws {AttemptError} with the target's code, RESPONSE_INVALID or TARGET_NOT_ANSWERED;
 *   {@link HandedOver}; the reason of the signal; errors of the network
 * @see docs/http-targets.md
 */
export async function readAnswer(response: IncomingMessage, parts: AnswerParts): Promise<unknown> {
  const { statusCode: status = 0 } = response;
  if (codeOfHttpStatus(status) !== "OK") throw await refusal(response, status, parts);
  if (status === HTTP_ACCEPTED) throw accepted(response, parts);
  if (isEmptyStatus(status)) {
    discardBody(response, parts.clock);
    return {};
  }
  const body = await readBody(response, LIMITS.payloadBytesMax, parts.signal);
  // A method without a response schema answers Empty, whatever its handler returns.
  return parts.method.response === undefined ? {} : valueOf(response, body, parts.method);
}

/** The target continues by itself. The rest of its answer is ignored. */
function accepted(
  response: IncomingMessage,
  { method, hasToken, clock }: AnswerParts,
): HandedOver | AttemptError {
  discardBody(response, clock);
  if (!hasToken)
    return ownError(
      "TARGET_NOT_ANSWERED",
      `The target of "${method.name}" answered 202, and cannot end the operation later: this service has no address for that.`,
    );
  const header = response.headers["longrunning-lease"];
  if (header === undefined) return new HandedOver(undefined);
  const leaseMs = leaseMsOf(String(header));
  const { httpTargetLeaseMsMin: min, httpTargetLeaseMsMax: max } = LIMITS;
  if (leaseMs !== undefined && leaseMs >= min && leaseMs <= max) return new HandedOver(leaseMs);
  return invalid(
    method,
    `expected a Longrunning-Lease of ${min / 1_000}s to ${max / 1_000}s, got ${JSON.stringify(String(header).slice(0, 100))}`,
  );
}

/** The value of a body. The worker validates it with the schema. */
function valueOf(response: IncomingMessage, { bytes, isCut }: ReadBody, method: Method): unknown {
  if (isCut) throw invalid(method, `it has more than ${LIMITS.payloadBytesMax} bytes`);
  const { "content-encoding": encoding = "identity" } = response.headers;
  if (encoding !== "identity")
    throw invalid(method, `it is compressed (${encoding}), which was not asked for`);
  const mediaType = mediaTypeOf(response);
  if (!isJson(mediaType))
    throw invalid(method, `expected application/json, got ${mediaType || "no content type"}`);
  const text = bytes.toString();
  const { depth, values } = jsonExtent(text);
  if (depth > LIMITS.jsonDepthMax || values > LIMITS.jsonValuesMax)
    throw invalid(
      method,
      `it has ${values} values in ${depth} levels, of ${LIMITS.jsonValuesMax} in ${LIMITS.jsonDepthMax} at most`,
    );
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw invalid(method, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  // With protos, their types decide which numbers are exact.
  const lost = method.rpc === undefined ? lostNumber(value) : undefined;
  if (lost !== undefined) throw invalid(method, lostNumberError(lost).message);
  return value;
}

async function refusal(
  response: IncomingMessage,
  status: number,
  { method, clock, signal }: AnswerParts,
): Promise<AttemptError> {
  const { bytes, isCut } = await readBody(response, LIMITS.httpTargetErrorBytesMax, signal);
  const mediaType = mediaTypeOf(response);
  const told = isCut ? undefined : toldError(status, mediaType, bytes.toString());
  const details = told?.details ?? [];
  const what = isRedirect(status) ? `${status}, a redirect, which is not followed` : String(status);
  const asked = Math.max(retryAfterMs(response.headers["retry-after"], clock.now()), retryInfoMs(details));
  return new AttemptError(
    told?.code ?? (isRedirect(status) ? "FAILED_PRECONDITION" : errorCodeOf(status)),
    told?.message ?? `The target of "${method.name}" answered ${what}.`,
    {
      details,
      metadata: { httpStatus: String(status), ...told?.metadata },
      retryDelayMs: isWorthRetrying(status) ? Math.min(asked, LIMITS.httpTargetRetryMsMax) : null,
      exception: shownAnswer(status, mediaType, bytes),
    },
  );
}

/** The part of an answer that operators see. */
function shownAnswer(status: number, mediaType: string, bytes: Buffer): string {
  const body = bytes.toString().slice(0, LIMITS.httpTargetErrorShownMax);
  return `The target answered ${status} (${mediaType || "no content type"}):\n${body}`;
}

/** An error that ends the operation. */
function ownError(reason: Reason, message: string, exception: string | null = null): AttemptError {
  return new AttemptError(REASONS[reason][0], message, { reason, retryDelayMs: null, exception });
}

/**
 * The same target would give the same answer again. Callers are not told about the structure of the
 * service.
 */
function invalid(method: Method, why: string): AttemptError {
  return ownError(
    "RESPONSE_INVALID",
    `The handler of "${method.name}" gave an invalid response.`,
    `The answer of the target of "${method.name}" is no response: ${why}.`,
  );
}

function mediaTypeOf({ headers }: IncomingMessage): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
