import { durationMs } from "@bufbuild/protobuf/wkt";
import { StatusError } from "../../core/error/error.ts";
import { writeJson } from "../../core/value/json.ts";
import { encodeJson, type JsonObject } from "../../core/operation/payload.ts";
import { requestRefusal } from "../../core/method/request-json.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Operations } from "../../engine/operations.ts";
import type { StartRequest } from "../../engine/starting/request.ts";
import { Methods, type StartOperationRequest } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { jsonObjectOf } from "../json-object.ts";
import type { Rpc } from "./rpc.ts";

/**
 * The call of `longrunning.v1.Methods` that starts operations of any declared method: the gRPC
 * entry point for methods without protos.
 *
 * @see proto/longrunning/v1/methods.proto
 */
export function methodsRpc(operations: Pick<Operations, "start">): Rpc {
  return {
    desc: Methods.method.startOperation,
    permission: PERMISSIONS.start,
    call: async (request, { caller }) => ({
      operation: await operations.start(caller, startOfMessage(request as StartOperationRequest)),
    }),
  };
}

/** The starts in the messages of a `StartOperations`; an invalid one is replaced by its error. */
export function startsOfMessages(
  messages: readonly StartOperationRequest[],
): readonly (StartRequest | StatusError)[] {
  return messages.map((message) => {
    try {
      return startOfMessage(message);
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
  });
}

/** The start in a message. An empty field in proto3 means that it was left out. */
function startOfMessage(message: StartOperationRequest): StartRequest {
  const { method, parent, request = {}, requestId, validateOnly, timeToLive, delay } = message;
  return {
    method,
    parent,
    request: requestObject(method, request),
    requestId: requestId === "" ? undefined : requestId,
    validateOnly,
    timeToLiveMs: timeToLive === undefined ? undefined : durationMs(timeToLive),
    delayMs: delay === undefined ? undefined : durationMs(delay),
    priority: message.priority,
    callbackUrl: message.callbackUrl,
  };
}

/** Converts the request to JSON and checks it, so that both transports reject the same requests. */
function requestObject(method: string, request: JsonObject): JsonObject {
  let text: string;
  try {
    text = writeJson(request);
  } catch (error) {
    // A structure that is too deep gets its own error there.
    jsonObjectOf(encodeJson(request));
    throw requestRefusal(method, error);
  }
  return jsonObjectOf(text);
}
