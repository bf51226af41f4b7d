import type { Payload } from "../core/operation/payload.ts";

/** The prefix of a full type name in a type URL. */
const TYPE_URL_PREFIX = "type.googleapis.com/";

/**
 * Types whose JSON form is not an object of their fields; an `Any` has it under `value`. `Empty` is
 * not one of them, because Python refuses `value` there.
 *
 * @see google/protobuf/any.proto; contract section 1.6
 */
const UNDER_VALUE: ReadonlySet<string> = new Set(
  [
    "Any",
    "Duration",
    "FieldMask",
    "ListValue",
    "Struct",
    "Timestamp",
    "Value",
    "DoubleValue",
    "FloatValue",
    "Int64Value",
    "UInt64Value",
    "Int32Value",
    "UInt32Value",
    "BoolValue",
    "StringValue",
    "BytesValue",
  ].map((name) => `google.protobuf.${name}`),
);

/** The type URL of a message, such as `type.googleapis.com/google.protobuf.Struct`. */
export function typeUrl(type: string): string {
  return TYPE_URL_PREFIX + type;
}

/** Whether an `Any` has the JSON form of a type under `value`. */
export function isUnderValue(type: string): boolean {
  return UNDER_VALUE.has(type);
}

/**
 * A payload as the JSON of a `google.protobuf.Any`, joined from texts without parsing the payload.
 */
export function anyJson(payload: Payload): string {
  const type = `{"@type":"${typeUrl(payload.type)}"`;
  if (isUnderValue(payload.type)) return `${type},"value":${payload.json}}`;
  return payload.json === "{}" ? `${type}}` : `${type},${payload.json.slice(1)}`;
}
