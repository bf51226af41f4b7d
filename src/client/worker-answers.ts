import { parseDurationMs } from "../core/value/duration.ts";
import { StatusError } from "../core/error/error.ts";
import type { ClaimEntry, ClaimedWork, OutcomeAnswer, RenewalAnswer } from "../core/ports/worker-calls.ts";
import { type Payload, STRUCT } from "../core/operation/payload.ts";
import { isObject } from "./any.ts";
import { toldError } from "./error.ts";
import { decodeFailure } from "./operation.ts";

/** Parses the JSON of answers to workers. Unknown members are ignored. */

/** @throws {StatusError} UNKNOWN ANSWER_INVALID if it is not an answer to a claim */
export function decodeClaims(json: unknown): ClaimedWork {
  const { claims = [], serverTime } = isObject(json) ? json : {};
  if (!Array.isArray(claims)) throw notUnderstood("claims");
  const time = typeof serverTime === "string" ? Date.parse(serverTime) : Number.NaN;
  return {
    claims: claims.map((each: unknown) => decodeClaim(each)),
    serverTime: Number.isNaN(time) ? null : time,
  };
}

function decodeClaim(json: unknown): ClaimEntry {
  const { attempt, request, requestAny, metadata, metadataAny, traceContext, ...fields } = isObject(json)
    ? json
    : {};
  const { name, attempt: number = 0, token } = isObject(attempt) ? attempt : {};
  const leaseMs = parseDurationMs(text(fields["lease"]));
  if (
    typeof name !== "string" ||
    typeof number !== "number" ||
    typeof token !== "string" ||
    leaseMs === undefined
  )
    throw notUnderstood("claim");
  const deadline = Date.parse(text(fields["deadlineTime"]));
  const trace = isObject(traceContext) ? traceContext : {};
  return {
    attempt: { name, attempt: number, token },
    method: text(fields["method"]),
    request: requestText(request, requestAny),
    metadata: reported(metadata, metadataAny),
    leaseMs,
    deadlineTime: Number.isNaN(deadline) ? null : deadline,
    failedAttempts: count(fields["failedAttempts"]),
    attemptsMax: count(fields["attemptsMax"]),
    cancelRequested: fields["cancelRequested"] === true,
    target: text(fields["target"]),
    priority: count(fields["priority"]),
    traceparent: text(trace["traceparent"]),
    tracestate: text(trace["tracestate"]),
    principal: text(fields["principal"]),
    tenant: text(fields["tenant"]),
  };
}

/** For a message its fields. */
function requestText(request: unknown, any: unknown): string {
  if (!isObject(any)) return JSON.stringify(request ?? {});
  const { "@type": _type, ...fields } = any;
  return JSON.stringify(fields);
}

function reported(metadata: unknown, any: unknown): Payload | null {
  if (isObject(metadata)) return { type: STRUCT, json: JSON.stringify(metadata) };
  if (!isObject(any)) return null;
  const { "@type": type, ...fields } = any;
  return { type: text(type).replace(/^.*\//, ""), json: JSON.stringify(fields) };
}

/** One answer for each renewal. @throws {StatusError} UNKNOWN ANSWER_INVALID */
export function decodeRenewals(json: unknown): readonly RenewalAnswer[] {
  return answersIn(json).map((answer) => ({
    held: answer["held"] === true,
    leaseMs: parseDurationMs(text(answer["lease"])) ?? 0,
    cancelRequested: answer["cancelRequested"] === true,
    error: errorIn(answer),
  }));
}

/** One answer for each outcome. @throws {StatusError} UNKNOWN ANSWER_INVALID */
export function decodeOutcomes(json: unknown): readonly OutcomeAnswer[] {
  return answersIn(json).map((answer) => ({ error: errorIn(answer) }));
}

function answersIn(json: unknown): readonly Readonly<Record<string, unknown>>[] {
  const answers: unknown = isObject(json) ? json["answers"] : undefined;
  if (!Array.isArray(answers) || !answers.every(isObject)) throw notUnderstood("answers");
  return answers;
}

function errorIn({ error }: Readonly<Record<string, unknown>>): StatusError | undefined {
  const failure = decodeFailure(error);
  return failure === null ? undefined : toldError(failure.code, failure.message, failure.details);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function notUnderstood(what: string): StatusError {
  return new StatusError(
    "UNKNOWN",
    `The answer has no ${what} as longrunning.v1.Workers has them. Check that the address is the service's.`,
    { reason: "ANSWER_INVALID" },
  );
}
