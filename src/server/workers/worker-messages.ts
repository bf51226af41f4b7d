import { fromBinary, type JsonObject, toJson } from "@bufbuild/protobuf";
import type { Any, Duration } from "@bufbuild/protobuf/wkt";
import type { ErrorDetail } from "../../core/error/details.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { encodeJson, type Payload } from "../../core/operation/payload.ts";
import type {
  ClaimedAttempt,
  ClaimRequest,
  Completion,
  RemoteFailure,
} from "../../engine/workers/worker-calls.ts";
import type { Status } from "../../wire/gen/google/rpc/status_pb.ts";
import type * as messages from "../../wire/gen/longrunning/v1/workers_pb.ts";
import { isUnderValue } from "../../wire/any.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { checkedAttempt, errorCode, type ReadRenewal, renewalOf } from "./attempts.ts";
import { claimInvalid, plainPayload } from "./json-payloads.ts";

/**
 * Converts the messages of workers' calls over gRPC to requests of the engine.
 *
 * @see proto/longrunning/v1/workers.proto
 */

/** A claim. @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID */
export function claimOfMessage(message: messages.ClaimOperationsRequest): Omit<ClaimRequest, "timeoutMs"> {
  const { parent, methods, worker, limit, lease, requestId, workerVersion } = message;
  return {
    parent,
    methods,
    worker,
    limit,
    leaseMs: msOf(lease, "lease"),
    requestId,
    workerVersion,
  };
}

/** A renewal. It is valid even if its metadata is invalid. */
export function renewalOfMessage(message: messages.Renewal, place: string, types: Types): ReadRenewal {
  const { attempt, metadataPayload } = message;
  return renewalOf(attemptOf(attempt, `${place}.attempt`), () => {
    const { case: name, value } = metadataPayload;
    if (name === undefined) return undefined;
    const field = `${place}.${name}`;
    return name === "metadata" ? plainPayload(value, field) : payloadOfAny(value, field, types);
  });
}

/** A completion. */
export function completionOfMessage(message: messages.Completion, place: string, types: Types): Completion {
  const attempt = attemptOf(message.attempt, `${place}.attempt`);
  const { case: name, value } = message.responsePayload;
  if (name === undefined) return { attempt, response: undefined };
  const field = `${place}.${name}`;
  const response = name === "response" ? plainPayload(value, field) : payloadOfAny(value, field, types);
  return { attempt, response };
}

/** A failure. */
export function failureOfMessage(
  message: messages.AttemptFailure,
  place: string,
  types: Types,
): RemoteFailure {
  const { attempt, error, final, retryDelay, exception } = message;
  return {
    attempt: attemptOf(attempt, `${place}.attempt`),
    error: failureOf(error, `${place}.error`, types),
    final,
    retryDelayMs: msOf(retryDelay, `${place}.retryDelay`),
    exception,
  };
}

/** The attempt in a message, if there is one. */
export function attemptOf(message: messages.ClaimedAttempt | undefined, place: string): ClaimedAttempt {
  const { name = "", attempt = 0, token = "" } = message ?? {};
  return checkedAttempt({ name, attempt, token }, (field) => `${place}.${field}`);
}

const SECONDS_MAX = 315_576_000_000n;

/**
 * The milliseconds of a duration; undefined if it is absent.
 *
 * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID if it is negative or out of the range of
 * durations
 * @see google/protobuf/duration.proto
 */
export function msOf(duration: Duration | undefined, field: string): number | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  if (seconds < 0n || seconds > SECONDS_MAX || nanos < 0 || nanos > 999_999_999)
    throw claimInvalid(field, `expected a duration of 0 or more, got ${seconds} s and ${nanos} ns`);
  return Math.round(Number(seconds) * 1_000 + nanos / 1_000_000);
}

function failureOf(status: Status | undefined, place: string, types: Types): Failure {
  const { code: number, message = "", details = [] } = status ?? {};
  const code = errorCode(number, `${place}.code`);
  const bytes = details.reduce((sum, { value }) => sum + value.length, 0);
  if (bytes > LIMITS.detailsBytesMax)
    throw claimInvalid(`${place}.details`, `expected ${LIMITS.detailsBytesMax} bytes at most`);
  return {
    code,
    message,
    details: details.map((each, index) => detailOf(each, `${place}.details[${index}]`, types)),
  };
}

function detailOf(any: Any, field: string, types: Types): ErrorDetail {
  const { type, json } = anyJsonOf(any, field, types);
  const inner = isUnderValue(type) ? { value: json } : (json as JsonObject);
  return { "@type": any.typeUrl, ...inner };
}

function payloadOfAny(any: Any, field: string, types: Types): Payload {
  const { type, json } = anyJsonOf(any, field, types);
  return { type, json: encodeJson(json) };
}

/** The JSON of the message in an `Any`. Payloads are stored as JSON, so its type must be known. */
function anyJsonOf(
  { typeUrl, value }: Any,
  field: string,
  types: Types,
): { readonly type: string; readonly json: ReturnType<typeof toJson> } {
  const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  const desc = types.getMessage(type);
  if (desc === undefined)
    throw claimInvalid(
      field,
      `expected a message of a type that the server knows, got one of "${type.slice(0, 200)}"`,
    );
  try {
    return { type, json: toJson(desc, fromBinary(desc, value), { registry: types }) };
  } catch {
    throw claimInvalid(field, `expected the bytes of a ${type} that can be written as JSON`);
  }
}
