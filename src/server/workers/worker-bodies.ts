import type { ErrorDetail } from "../../core/error/details.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Failure } from "../../core/operation/operation.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import type {
  ClaimedAttempt,
  ClaimRequest,
  Completion,
  RemoteFailure,
} from "../../engine/workers/worker-calls.ts";
import { JsonFields } from "../rest/json-fields.ts";
import { checkedAttempt, errorCode, type ReadRenewal, renewalOf } from "./attempts.ts";
import { claimInvalid, payloadOfFields } from "./json-payloads.ts";

/**
 * Converts the bodies of workers' calls over REST to requests of the engine: the JSON of the
 * messages, and flat bodies at the address of an operation.
 *
 * @see proto/longrunning/v1/workers.proto
 */

/** The place of an entry: in a list of a body, or the whole body, with the name in the address. */
export type EntryPlace = { readonly place: string } | { readonly name: string };

const fieldsOf = (value: unknown, known: readonly string[], place = ""): JsonFields =>
  new JsonFields(value, known, { place, reason: "CLAIM_INVALID" });

/** The fields of a body with many entries. @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID */
export function bodyFields(body: JsonObject, known: readonly string[]): JsonFields {
  return fieldsOf(body, known);
}

/**
 * A claim. @param parent the parent in the address, which takes precedence; empty for the body's
 */
export function claimOfBody(body: JsonObject, parent: string): ClaimRequest {
  const known = ["parent", "methods", "worker", "limit", "lease", "timeout", "requestId", "workerVersion"];
  const fields = fieldsOf(body, known);
  const inBody = fields.text("parent") ?? "";
  return {
    parent: parent === "" ? inBody : parent,
    methods: (fields.list("methods") ?? []).map((each, index) => {
      if (typeof each === "string") return each;
      throw claimInvalid(`methods[${index}]`, "expected the name of a method");
    }),
    worker: fields.text("worker") ?? "",
    limit: fields.int32("limit"),
    leaseMs: fields.durationMs("lease"),
    timeoutMs: fields.durationMs("timeout"),
    requestId: fields.text("requestId") ?? "",
    workerVersion: fields.text("workerVersion") ?? "",
  };
}

/** A renewal in a list. It is valid even if its metadata is invalid. */
export function renewalOfJson(value: unknown, place: string): ReadRenewal {
  const { fields, attempt } = entryFields(value, { place }, ["metadata", "metadataAny"]);
  return renewalOf(attempt, () => payloadOfFields(fields, "metadata"));
}

/** A renewal at the address of its operation, with the length of the lease. */
export function renewalAt(
  body: JsonObject,
  name: string,
): { readonly renewal: ReadRenewal; readonly leaseMs: number | undefined } {
  const { fields, attempt } = entryFields(body, { name }, ["lease", "metadata", "metadataAny"]);
  const renewal = renewalOf(attempt, () => payloadOfFields(fields, "metadata"));
  return { renewal, leaseMs: fields.durationMs("lease") };
}

/** A completion. */
export function completionOfJson(value: unknown, at: EntryPlace): Completion {
  const { fields, attempt } = entryFields(value, at, ["response", "responseAny"]);
  return { attempt, response: payloadOfFields(fields, "response") };
}

/** A failure. */
export function failureOfJson(value: unknown, at: EntryPlace): RemoteFailure {
  const { fields, attempt } = entryFields(value, at, ["error", "final", "retryDelay", "exception"]);
  return {
    attempt,
    error: statusOf(fields.object("error"), fields.pathOf("error")),
    final: fields.boolean("final") ?? false,
    retryDelayMs: fields.durationMs("retryDelay"),
    exception: fields.text("exception") ?? "",
  };
}

/** A released attempt in a list. */
export function attemptOfJson(value: unknown, place: string): ClaimedAttempt {
  return attemptOf(fieldsOf(value, ["name", "attempt", "token"], place));
}

/** A release at the address of its operation, with the delay until the next claim. */
export function releaseAt(
  body: JsonObject,
  name: string,
): { readonly attempt: ClaimedAttempt; readonly delayMs: number | undefined } {
  const { fields, attempt } = entryFields(body, { name }, ["delay"]);
  return { attempt, delayMs: fields.durationMs("delay") };
}

function entryFields(
  value: unknown,
  at: EntryPlace,
  known: readonly string[],
): { readonly fields: JsonFields; readonly attempt: ClaimedAttempt } {
  if ("name" in at) {
    // A name in the body is ignored, because the path has set it.
    const fields = fieldsOf(value, ["name", "attempt", "token", ...known]);
    return { fields, attempt: attemptOf(fields, at.name) };
  }
  const fields = fieldsOf(value, ["name", "attempt", "token", ...known], at.place);
  for (const misplaced of ["name", "token"])
    if (fields.value(misplaced) !== undefined)
      throw claimInvalid(fields.pathOf(misplaced), "it belongs into 'attempt': {name, attempt, token}");
  const attempt = fields.object("attempt") ?? {};
  return { fields, attempt: attemptOfJson(attempt, fields.pathOf("attempt")) };
}

function attemptOf(fields: JsonFields, name?: string): ClaimedAttempt {
  if (typeof fields.value("attempt") === "object")
    throw claimInvalid(fields.pathOf("attempt"), "expected the number of the attempt, beside its token");
  const attempt = {
    name: name ?? fields.text("name") ?? "",
    attempt: fields.int32("attempt") ?? 0,
    token: fields.text("token") ?? "",
  };
  return checkedAttempt(attempt, (field) => fields.pathOf(field));
}

/** A `google.rpc.Status`. */
function statusOf(value: JsonObject | undefined, place: string): Failure {
  const fields = fieldsOf(value ?? {}, ["code", "message", "details"], place);
  const code = errorCode(fields.value("code"), fields.pathOf("code"));
  const details = (fields.list("details") ?? []).map((each, index) =>
    detailOf(each, `${fields.pathOf("details")}[${index}]`),
  );
  if (JSON.stringify(details).length > LIMITS.detailsBytesMax)
    throw claimInvalid(fields.pathOf("details"), `expected ${LIMITS.detailsBytesMax} bytes of JSON at most`);
  return { code, message: fields.text("message") ?? "", details };
}

function detailOf(value: unknown, place: string): ErrorDetail {
  if (typeof value === "object" && value !== null && "@type" in value && typeof value["@type"] === "string")
    return value as ErrorDetail;
  throw claimInvalid(place, 'expected a message with its type in "@type"');
}
