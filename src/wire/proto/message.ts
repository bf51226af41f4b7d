import { type DescMessage, fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { ListOperationsResponseSchema, OperationSchema } from "../gen/google/longrunning/operations_pb.ts";
import { StartOperationsResponseSchema } from "../gen/longrunning/v1/methods_pb.ts";
import { describedAny } from "./any.ts";
import { STANDARD_TYPES, type Types } from "./registry.ts";

/** The answers of google.longrunning.Operations and longrunning.v1.Methods. */
const MESSAGES = {
  Operation: OperationSchema,
  ListOperationsResponse: ListOperationsResponseSchema,
  StartOperationsResponse: StartOperationsResponseSchema,
  Empty: EmptySchema,
} as const satisfies Record<string, DescMessage>;

/** The name of an answer's message. */
export type AnsweredMessage = keyof typeof MESSAGES;

/**
 * Converts a JSON answer, possibly after a field mask, to protobuf bytes. For an operation record,
 * `operationProto` is cheaper.
 */
export function messageProto(
  message: AnsweredMessage,
  json: string,
  types: Types = STANDARD_TYPES,
): Uint8Array {
  const schema: DescMessage = MESSAGES[message];
  const value = JSON.parse(json) as JsonObject;
  return toBinary(schema, fromJson(schema, described(message, value, types), { registry: types }));
}

/** Replaces every `Any` that cannot be encoded. */
function described(message: AnsweredMessage, value: JsonObject, types: Types): JsonObject {
  if (message === "ListOperationsResponse") {
    return mapped(value, "operations", (each) => described("Operation", each, types));
  }
  if (message === "StartOperationsResponse") {
    return mapped(value, "results", (each) => describedResult(each, types));
  }
  const any = (each: JsonObject): JsonObject => describedAny(each, types);
  const error = (each: JsonObject): JsonObject => mapped(each, "details", any);
  return mapped(mapped(mapped(value, "metadata", any), "response", any), "error", error);
}

/**
 * A result is an operation or an error; an error's details are those of an operation with this
 * error.
 */
function describedResult(result: JsonObject, types: Types): JsonObject {
  const operation = mapped(result, "operation", (each) => described("Operation", each, types));
  return described("Operation", operation, types);
}

/** Replaces the value, or each member of the list, under a key. */
function mapped(value: JsonObject, key: string, change: (member: JsonObject) => JsonObject): JsonObject {
  const member = value[key];
  if (typeof member !== "object" || member === null) return value;
  return {
    ...value,
    [key]: Array.isArray(member) ? member.map((each) => change(each as JsonObject)) : change(member),
  };
}
