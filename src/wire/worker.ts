import { callerOf } from "../core/caller.ts";
import { formatDuration } from "../core/value/duration.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import type { Failure, Operation } from "../core/operation/operation.ts";
import { EMPTY, encodeJson, type Payload, STRUCT } from "../core/operation/payload.ts";
import { isSealed, keyUnavailable, requireOpen } from "../core/operation/sealed.ts";
import { readTraceContext } from "../core/trace-context.ts";
import { anyJson } from "./any.ts";
import type { KnowsDetail } from "./details.ts";
import { callStatusJson } from "./status.ts";

/**
 * The answers for workers without the store, as the JSON of the messages of
 * `longrunning.v1.Workers`. Payloads are inserted in their stored form.
 *
 * @see proto/longrunning/v1/workers.proto
 */

/** A claimed operation, and the attempt for its worker. */
export interface ShownClaim {
  readonly attempt: { readonly name: string; readonly attempt: number; readonly token: string };
  /** The record as claimed. */
  readonly operation: Operation;
  readonly leaseMs: number;
}

/** The result of a renewal. */
export interface ShownRenewal {
  readonly held: boolean;
  readonly leaseMs: number;
  readonly cancelRequested: boolean;
  readonly error: Failure | undefined;
}

/** The result of an outcome. */
export interface ShownOutcome {
  readonly error: Failure | undefined;
  readonly state: Operation["state"] | "";
}

/** A claim before its payloads are written, for both forms. */
export interface ClaimFacts {
  /** @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE for a request without its key here */
  readonly request: Payload;
  /** Undefined if nothing was reported. */
  readonly metadata: Payload | undefined;
  /** By name; empty for none. */
  readonly trace: readonly (readonly [name: string, value: string])[];
  /** Empty if unknown. */
  readonly principal: string;
  /** Empty for none. */
  readonly tenant: string;
}

/**
 * Reads the facts of a claim from its operation.
 *
 * @param requestType the full name of the request's message; a Struct for a method declared in code
 * @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE if this process lacks the key of the payloads
 */
export function claimFacts(operation: Operation, requestType: string = STRUCT): ClaimFacts {
  requireOpen(operation);
  const { request, metadata, traceContext } = operation;
  if (isSealed(request)) throw keyUnavailable();
  const trace = readTraceContext(traceContext);
  const { principal = "", tenant = null } = callerOf(operation.caller) ?? {};
  return {
    request: { type: requestType, json: request },
    metadata: metadata === null || metadata.type === EMPTY.type ? undefined : metadata,
    trace:
      trace === undefined
        ? []
        : [
            ["traceparent", `00-${trace.traceId}-${trace.spanId}-${trace.flags}`],
            ...(trace.state === "" ? [] : [["tracestate", trace.state] as const]),
          ],
    principal,
    tenant: tenant ?? "",
  };
}

/** The JSON of a `longrunning.v1.Claim`. @throws {StatusError} as {@link claimFacts} */
export function claimJson(claim: ShownClaim, requestType?: string): string {
  const { attempt, operation, leaseMs } = claim;
  const { request, metadata, trace, principal, tenant } = claimFacts(operation, requestType);
  const { name, attempt: number, token } = attempt;
  const { method, deadlineTime, failedAttempts, attemptsMax, cancelTime, target, priority } = operation;
  const members = [
    `"attempt":${encodeJson({ name, attempt: number, token })}`,
    `"method":${encodeJson(method)}`,
    payloadMember("request", request),
    `"lease":"${formatDuration(leaseMs)}"`,
    deadlineTime === null ? "" : `"deadlineTime":"${formatTimestamp(deadlineTime)}"`,
    `"failedAttempts":${failedAttempts}`,
    `"attemptsMax":${attemptsMax}`,
    `"cancelRequested":${cancelTime !== null}`,
    metadata === undefined ? "" : payloadMember("metadata", metadata),
    target === "" ? "" : `"target":${encodeJson(target)}`,
    priority === 0 ? "" : `"priority":${priority}`,
    trace.length === 0 ? "" : `"traceContext":${encodeJson(Object.fromEntries(trace))}`,
    principal === "" ? "" : `"principal":${encodeJson(principal)}`,
    tenant === "" ? "" : `"tenant":${encodeJson(tenant)}`,
  ];
  return `{${members.filter((each) => each !== "").join(",")}}`;
}

function payloadMember(name: string, payload: Payload): string {
  return payload.type === STRUCT ? `"${name}":${payload.json}` : `"${name}Any":${anyJson(payload)}`;
}

/** The JSON of a `longrunning.v1.ClaimOperationsResponse`. @param time the store's clock */
export function claimsJson(claims: readonly string[], time: number): string {
  return `{"claims":[${claims.join(",")}],"serverTime":"${formatTimestamp(time)}"}`;
}

/** The JSON of a `longrunning.v1.RenewalAnswer`. */
export function renewalJson(
  { held, leaseMs, cancelRequested, error }: ShownRenewal,
  knows?: KnowsDetail,
): string {
  const lease = held ? `,"lease":"${formatDuration(leaseMs)}"` : "";
  return `{"held":${held}${lease},"cancelRequested":${cancelRequested}${errorMember(error, knows)}}`;
}

/** The JSON of a `longrunning.v1.AttemptAnswer`. */
export function outcomeJson({ error, state }: ShownOutcome, knows?: KnowsDetail): string {
  const members = `${state === "" ? "" : `,"state":"${state}"`}${errorMember(error, knows)}`;
  return `{${members.slice(1)}}`;
}

function errorMember(error: Failure | undefined, knows?: KnowsDetail): string {
  return error === undefined ? "" : `,"error":${callStatusJson(error, knows)}`;
}

/** The JSON of the answer to a call about attempts. */
export function answersJson(answers: readonly string[]): string {
  return `{"answers":[${answers.join(",")}]}`;
}
