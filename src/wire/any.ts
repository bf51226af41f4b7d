import type { Payload } from "../core/operation/payload.ts";
import { COMPACT, type JsonLayout } from "./layout.ts";

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
 *
 * @param payload with JSON in the same layout, at the depth of {@link depthInAny}
 * @param depth of the members of the `Any`. @default 1
 */
export function anyJson({ type, json }: Payload, layout: JsonLayout = COMPACT, depth = 1): string {
  const { colon } = layout;
  const [line, end] = [layout.line(depth), layout.line(depth - 1)];
  const head = `{${line}"@type"${colon}"${typeUrl(type)}"`;
  if (isUnderValue(type)) return `${head},${line}"value"${colon}${json}${end}}`;
  return json === "{}" ? `${head}${end}}` : `${head},${json.slice(1)}`;
}

/** The depth of a payload's members in an `Any` whose members have a depth. */
export function depthInAny(type: string, depth: number): number {
  return isUnderValue(type) ? depth + 1 : depth;
}
