import { createRegistry, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { parseDurationMs } from "../../core/value/duration.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { Operations } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { Methods, type StartOperationRequestSchema } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { Watches } from "../../wire/gen/longrunning/v1/watches_pb.ts";
import { STANDARD_TYPES, type Types } from "../../wire/proto/registry.ts";
import { isObject } from "../any.ts";
import type { ClientOperation, StartedResult } from "../operation.ts";
import { decodeResults } from "../results.ts";
import { canonicalName } from "../rest/path.ts";
import {
  type CallOptions,
  type CollectionEvent,
  type ListCall,
  type OperationPage,
  type StartCall,
  type Transport,
  type WatchCall,
} from "../transport.ts";
import type { GrpcAddress } from "./address.ts";
import { Channel, type GrpcOptions } from "./channel.ts";
import { operationJson, operationOf, statusJson } from "./message.ts";

const { getOperation, listOperations, cancelOperation, deleteOperation, waitOperation } = Operations.method;
const { startOperation, startOperations } = Methods.method;
const { watchOperation, watchOperations } = Watches.method;

/**
 * A watch is restarted after this time, which shows whether the server still lives, and costs as
 * much as a wait.
 */
const WATCH_MS = 60_000;
/** The same for a collection, whose restart sends all operations again. */
const COLLECTION_WATCH_MS = 300_000;

/**
 * Calls of `google.longrunning.Operations`, and of `longrunning.v1.Methods` for starts, which
 * Google's service lacks. Their results equal those of REST.
 *
 * @see google/longrunning/operations.proto; proto/longrunning/v1/methods.proto
 */
export class GrpcCalls implements Transport {
  readonly #types: Types;
  readonly #channel: Channel;

  constructor(address: GrpcAddress, options: GrpcOptions) {
    const { types } = options;
    this.#types = types === undefined ? STANDARD_TYPES : createRegistry(types, STANDARD_TYPES);
    this.#channel = new Channel(address, options, this.#types);
  }

  async start(call: StartCall, { signal }: CallOptions): Promise<ClientOperation> {
    const operation = await this.#channel.unary(startOperation, startMessage(call), {
      signal,
      timeoutMs: LIMITS.startMsMax,
    });
    return operationOf(operation, this.#types);
  }

  async startMany(calls: readonly StartCall[], { signal }: CallOptions): Promise<readonly StartedResult[]> {
    const message = { requests: calls.map(startMessage) };
    const options = { signal, timeoutMs: LIMITS.startMsMax };
    const { results } = await this.#channel.unary(startOperations, message, options);
    const json = results.map(({ result }) => {
      if (result.case === "operation") return { operation: operationJson(result.value, this.#types) };
      return result.case === "error" ? { error: statusJson(result.value, this.#types) } : {};
    });
    return decodeResults({ results: json }, calls.length);
  }

  async get(name: string, { signal }: CallOptions): Promise<ClientOperation> {
    const operation = await this.#channel.unary(getOperation, { name: canonicalName(name) }, { signal });
    return operationOf(operation, this.#types);
  }

  async list(call: ListCall, { signal }: CallOptions): Promise<OperationPage> {
    const { parent: name = "", filter = "", orderBy = "", pageSize = 0, pageToken = "" } = call;
    if (orderBy !== "") throw noOrder(orderBy);
    const page = await this.#channel.unary(listOperations, { name, filter, pageSize, pageToken }, { signal });
    return {
      operations: page.operations.map((each) => operationOf(each, this.#types)),
      nextPageToken: page.nextPageToken,
    };
  }

  async cancel(name: string, { signal }: CallOptions): Promise<void> {
    await this.#channel.unary(cancelOperation, { name: canonicalName(name) }, { signal });
  }

  async delete(name: string, { signal }: CallOptions): Promise<void> {
    await this.#channel.unary(deleteOperation, { name: canonicalName(name) }, { signal });
  }

  async wait(name: string, timeoutMs: number, { signal }: CallOptions): Promise<ClientOperation> {
    const operation = await this.#channel.unary(
      waitOperation,
      { name: canonicalName(name), timeout: durationFromMs(timeoutMs) },
      { signal, timeoutMs: timeoutMs + LIMITS.callMsMax },
    );
    return operationOf(operation, this.#types);
  }

  async *watch(name: string, { signal }: CallOptions): AsyncGenerator<ClientOperation> {
    const options = { signal, timeoutMs: WATCH_MS };
    const operations = this.#channel.stream(watchOperation, { name: canonicalName(name) }, options);
    for await (const operation of operations) yield operationOf(operation, this.#types);
  }

  async *watchOperations(call: WatchCall, { signal }: CallOptions): AsyncGenerator<CollectionEvent> {
    const { parent = "", filter = "" } = call;
    const options = { signal, timeoutMs: COLLECTION_WATCH_MS };
    for await (const { event } of this.#channel.stream(watchOperations, { parent, filter }, options)) {
      if (event.case === "operation")
        yield { kind: "operation", operation: operationOf(event.value, this.#types) };
      if (event.case === "removed") yield { kind: "removed", name: event.value };
      if (event.case === "initialEnd") yield { kind: "initialEnd" };
    }
  }

  close(): void {
    this.#channel.close();
  }
}

/** @throws {StatusError} INVALID_ARGUMENT for values that the message cannot represent */
function startMessage(call: StartCall): MessageInitShape<typeof StartOperationRequestSchema> {
  const { method, parent = "", requestId, validateOnly = false, timeToLive, delay, priority = 0 } = call;
  if (requestId === "") throw serviceError("REQUEST_ID_INVALID", "Invalid request id: it is empty.");
  // The server checks all other values of an int32.
  if (priority !== (priority | 0))
    throw serviceError("PRIORITY_INVALID", `Invalid priority: expected a whole number, got ${priority}.`);
  return {
    method,
    parent,
    request: requestObject(call.request),
    validateOnly,
    priority,
    ...(requestId === undefined ? {} : { requestId }),
    ...durationField("timeToLive", timeToLive),
    ...durationField("delay", delay),
    ...(call.callbackUrl === undefined ? {} : { callbackUrl: call.callbackUrl }),
  };
}

function durationField<Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [Each in Name]?: ReturnType<typeof durationFromMs> } {
  const ms = text === undefined ? undefined : parseDurationMs(text);
  return ms === undefined
    ? {}
    : ({ [name]: durationFromMs(ms) } as { [Each in Name]: ReturnType<typeof durationFromMs> });
}

/**
 * The JSON object of a request, for a Struct. @throws {StatusError} INVALID_ARGUMENT BODY_INVALID
 * for anything else
 */
function requestObject(request: unknown): JsonObject {
  if (isObject(request)) return request as JsonObject;
  throw serviceError("BODY_INVALID", "Invalid request: expected an object.");
}

function noOrder(orderBy: string): Error {
  return serviceError(
    "ORDER_BY_INVALID",
    "Invalid order: google.longrunning.Operations has none over gRPC; leave it out, or list over REST.",
    { metadata: { orderBy: orderBy.slice(0, 100) } },
  );
}
