import type { JsonObject } from "../core/operation/payload.ts";

/** The types that `Any` wraps under `value`, because their JSON is special (contract section 1.6). */
const WRAPPED: ReadonlySet<string> = new Set(
  ["Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value"]
    .concat(["BoolValue", "BytesValue", "DoubleValue", "FloatValue", "Int32Value", "Int64Value"])
    .concat(["StringValue", "UInt32Value", "UInt64Value"])
    .map((name) => `google.protobuf.${name}`),
);

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The plain value inside the JSON form of a `google.protobuf.Any`.
 *
 * @returns the fields without `@type`; for types such as Struct the value itself; null for Empty
 *   and for anything that is not an Any
 */
export function plainValue(any: unknown): unknown {
  if (!isObject(any)) return null;
  const { "@type": url, ...fields } = any;
  const type = typeof url === "string" ? url.slice(url.lastIndexOf("/") + 1) : "";
  if (type === "google.protobuf.Empty") return null;
  return WRAPPED.has(type) ? (fields["value"] ?? null) : fields;
}
