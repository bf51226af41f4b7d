import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { invariant } from "../../../core/invariant.ts";
import { encodeJson } from "../../../core/operation/payload.ts";
import { answeredJson } from "../../../protos/field-mask/answered-json.ts";
import { messageFromJson } from "../../../protos/field-mask/message-json.ts";
import type { Binding } from "../../../protos/http-rule/binding.ts";
import type { Types } from "../../../wire/proto/registry.ts";

/**
 * The JSON of an RPC's answer, or of the single field that its rule selects. Fields with default
 * values are left out, as Google's front ends do (contract section 3.1).
 *
 * @param enumsAsNumbers `alt=json;enum-encoding=int`
 * @throws {Error} for a message of a wrong type, and for one without a JSON form: bugs of the RPC's
 * author
 */
export function answerJson(
  { rpc, responseBody }: Binding,
  message: Message,
  types: Types,
  enumsAsNumbers: boolean,
): string {
  const { typeName } = rpc.output;
  if (message.$typeName !== typeName)
    throw new Error(`${rpc.name} answered with a ${message.$typeName} instead of a ${typeName}`);
  const json = answeredJson(rpc.output, message, { types, enumsAsNumbers });
  if (responseBody === undefined) return encodeJson(json);
  const whole = json as JsonObject;
  return encodeJson(whole[responseBody.jsonName] ?? emptyJson(responseBody));
}

/** The JSON of an absent field. */
function emptyJson(field: DescField): JsonValue {
  if (field.fieldKind === "list") return [];
  return field.fieldKind === "map" || field.fieldKind === "message" ? {} : null;
}

/**
 * The answered message: the output, or the field of it that is sent. Undefined if that is not a
 * message.
 */
export function answeredMessage({ rpc, responseBody }: Binding): DescMessage | undefined {
  if (responseBody === undefined) return rpc.output;
  return responseBody.fieldKind === "message" ? responseBody.message : undefined;
}

/** Converts an answer in JSON, possibly masked, to protobuf bytes. */
export function answerProto(binding: Binding, json: string, types: Types): Uint8Array {
  const message = answeredMessage(binding);
  invariant(message !== undefined, "only messages are asked for as bytes");
  return toBinary(message, messageFromJson(message, JSON.parse(json) as JsonValue, types));
}
