import { fromJson, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import {
  type Any,
  AnySchema,
  type Duration,
  durationFromMs,
  durationMs,
  timestampMs,
} from "@bufbuild/protobuf/wkt";
import { CODES } from "../../core/error/code.ts";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";
import type {
  ClaimCall,
  ClaimEntry,
  ClaimedWork,
  CompletionEntry,
  FailureEntry,
  OutcomeAnswer,
  PresentedAttempt,
  RenewalAnswer,
  RenewalEntry,
  WorkerCallOptions,
  WorkerCalls,
} from "../../core/ports/worker-calls.ts";
import { type Status, StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import {
  type AttemptAnswer,
  type Claim,
  type CompletionSchema,
  type RenewalSchema,
  Workers,
} from "../../wire/gen/longrunning/v1/workers_pb.ts";
import { anyJson } from "../../wire/any.ts";
import { describedAny } from "../../wire/proto/any.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { isObject } from "../any.ts";
import { notUnderstood, toldError } from "../error.ts";
import { decodeFailure } from "../operation.ts";
import { type GrpcAddress, grpcAddress } from "./address.ts";
import { Channel, type GrpcOptions } from "./channel.ts";
import { statusJson } from "./message.ts";

const { claimOperations, renewAttempts, completeAttempts, failAttempts, releaseAttempts } = Workers.method;

/** Calls of `longrunning.v1.Workers` over gRPC. */
export class GrpcWorkerCalls implements WorkerCalls {
  readonly textMax = LIMITS.outcomeTextMaxGrpc;
  readonly #address: GrpcAddress;
  readonly #channel: Channel;

  /** @throws {TypeError} for an invalid address */
  constructor(baseUrl: string, options: Omit<GrpcOptions, "types">) {
    this.#address = grpcAddress(baseUrl);
    this.#channel = new Channel(this.#address, { ...options, types: undefined }, STANDARD_TYPES);
  }

  async claim(call: ClaimCall, options: WorkerCallOptions): Promise<ClaimedWork> {
    const { parent, methods, worker, limit, leaseMs, waitMs, requestId, workerVersion } = call;
    const { timeoutMs = LIMITS.callMsMax, signal } = options;
    const message = {
      parent,
      methods: [...methods],
      worker,
      limit,
      requestId,
      workerVersion,
      lease: durationFromMs(leaseMs),
      timeout: durationFromMs(waitMs),
    };
    const answer = await this.#channel.unary(claimOperations, message, {
      signal,
      timeoutMs: waitMs + timeoutMs,
    });
    return {
      claims: answer.claims.map((claim) => this.#claimEntry(claim)),
      serverTime: answer.serverTime === undefined ? null : timestampMs(answer.serverTime),
    };
  }

  async renew(
    leaseMs: number,
    renewals: readonly RenewalEntry[],
    { signal, timeoutMs = LIMITS.callMsMax }: WorkerCallOptions = {},
  ): Promise<readonly RenewalAnswer[]> {
    const message = { lease: durationFromMs(leaseMs), renewals: renewals.map(renewalMessage) };
    const { answers } = await this.#channel.unary(renewAttempts, message, { signal, timeoutMs });
    return answers.map(({ held, lease, cancelRequested, error }) => ({
      held,
      cancelRequested,
      leaseMs: ms(lease),
      error: errorOf(error),
    }));
  }

  async complete(completions: readonly CompletionEntry[]): Promise<readonly OutcomeAnswer[]> {
    const message = { completions: completions.map(completionMessage) };
    return outcomes(await this.#channel.unary(completeAttempts, message, NO_SIGNAL));
  }

  async fail(failures: readonly FailureEntry[]): Promise<readonly OutcomeAnswer[]> {
    return outcomes(
      await this.#channel.unary(failAttempts, { failures: failures.map(failureMessage) }, NO_SIGNAL),
    );
  }

  async release(attempts: readonly PresentedAttempt[], delayMs: number): Promise<readonly OutcomeAnswer[]> {
    const message = { attempts: attempts.map(attemptMessage), delay: durationFromMs(delayMs) };
    return outcomes(await this.#channel.unary(releaseAttempts, message, NO_SIGNAL));
  }

  close(): void {
    this.#channel.close();
  }

  #claimEntry(claim: Claim): ClaimEntry {
    const { attempt, requestPayload, metadataPayload, traceContext, lease, deadlineTime } = claim;
    if (attempt === undefined || lease === undefined)
      throw notUnderstood(`ClaimOperations at ${this.#address.shown}`, claim);
    return {
      attempt: attemptMessage(attempt),
      method: claim.method,
      request: requestText(requestPayload),
      metadata: reported(metadataPayload),
      leaseMs: durationMs(lease),
      deadlineTime: deadlineTime === undefined ? null : timestampMs(deadlineTime),
      failedAttempts: claim.failedAttempts,
      attemptsMax: claim.attemptsMax,
      cancelRequested: claim.cancelRequested,
      target: claim.target,
      priority: claim.priority,
      traceparent: traceContext["traceparent"] ?? "",
      tracestate: traceContext["tracestate"] ?? "",
      principal: claim.principal,
      tenant: claim.tenant,
    };
  }
}

const NO_SIGNAL = { signal: undefined } as const;

/**
 * For a message its bytes, in the stored form of payloads that JSON cannot express: the method's
 * schema decodes them.
 */
function requestText(request: Claim["requestPayload"]): string {
  if (request.case === "requestAny") return JSON.stringify({ "@bytes": base64Encode(request.value.value) });
  return JSON.stringify(request.value ?? {});
}

/** In the same form. */
function reported(metadata: Claim["metadataPayload"]): Payload | null {
  if (metadata.case === "metadata") return { type: STRUCT, json: JSON.stringify(metadata.value) };
  if (metadata.case === undefined) return null;
  const { typeUrl, value } = metadata.value;
  return { type: typeUrl.replace(/^.*\//, ""), json: JSON.stringify({ "@bytes": base64Encode(value) }) };
}

function attemptMessage({ name, attempt, token }: PresentedAttempt) {
  return { name, attempt, token };
}

function renewalMessage({ attempt, metadata }: RenewalEntry): MessageInitShape<typeof RenewalSchema> {
  const message = { attempt: attemptMessage(attempt) };
  if (metadata === null) return message;
  const value = payloadValue(metadata);
  return "any" in value
    ? { ...message, metadataPayload: { case: "metadataAny", value: value.any } }
    : { ...message, metadataPayload: { case: "metadata", value: value.plain } };
}

function completionMessage({
  attempt,
  response,
}: CompletionEntry): MessageInitShape<typeof CompletionSchema> {
  const message = { attempt: attemptMessage(attempt) };
  if (response === null) return message;
  const value = payloadValue(response);
  return "any" in value
    ? { ...message, responsePayload: { case: "responseAny", value: value.any } }
    : { ...message, responsePayload: { case: "response", value: value.plain } };
}

/**
 * A payload as JSON, even if it is a message, because the server knows the type. Only a value that
 * is not a JSON object is sent as a message.
 *
 * @throws {StatusError} INVALID_ARGUMENT if it exceeds the size of a gRPC message
 */
function payloadValue({ type, json }: Payload): { readonly plain: JsonObject } | { readonly any: Any } {
  const value: unknown = JSON.parse(json);
  if (json.length > LIMITS.outcomeTextMaxGrpc && structBytes(value) > STRUCT_BYTES_MAX) throw tooLarge();
  if (isObject(value)) return { plain: value as JsonObject };
  return { any: fromJson(AnySchema, JSON.parse(anyJson({ type, json })) as JsonObject, REGISTRY) };
}

const REGISTRY = { registry: STANDARD_TYPES } as const;

/** The server's limit, minus room for the rest of the message. */
const STRUCT_BYTES_MAX = LIMITS.requestBytesMax - 65_536;
/**
 * The most bytes of a member or an element besides its texts, including the lengths of all
 * enclosing messages.
 */
const MEMBER_BYTES = 24;

/** An upper bound of the bytes of a value in a Struct. */
function structBytes(value: unknown): number {
  if (typeof value === "string") return 3 * value.length + MEMBER_BYTES;
  if (typeof value !== "object" || value === null) return MEMBER_BYTES;
  let sum = MEMBER_BYTES;
  for (const [key, member] of Object.entries(value)) {
    sum += (Array.isArray(value) ? 0 : 3 * key.length) + MEMBER_BYTES + structBytes(member);
  }
  return sum;
}

function tooLarge(): StatusError {
  return serviceError(
    "BODY_TOO_LARGE",
    "The payload has too many values for a message of gRPC. Give back less, or let the worker call over REST.",
  );
}

function failureMessage({ attempt, error, retryDelayMs, exception }: FailureEntry) {
  return {
    attempt: attemptMessage(attempt),
    error: statusMessage(error),
    ...(retryDelayMs === null ? { final: true } : { retryDelay: durationFromMs(retryDelayMs) }),
    ...(exception === null ? {} : { exception }),
  };
}

function statusMessage({ code, message, details }: Failure): Status {
  const described = details.map((each) => describedAny(each as unknown as JsonObject, STANDARD_TYPES));
  return fromJson(StatusSchema, { code: CODES[code], message, details: described }, REGISTRY);
}

function outcomes({ answers }: { readonly answers: readonly AttemptAnswer[] }): readonly OutcomeAnswer[] {
  return answers.map(({ error }) => ({ error: errorOf(error) }));
}

function errorOf(status: Status | undefined): StatusError | undefined {
  if (status === undefined) return undefined;
  const failure = decodeFailure(statusJson(status, STANDARD_TYPES));
  return failure === null ? undefined : toldError(failure.code, failure.message, failure.details);
}

function ms(duration: Duration | undefined): number {
  return duration === undefined ? 0 : durationMs(duration);
}
