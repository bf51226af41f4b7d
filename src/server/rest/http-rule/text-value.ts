import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonValue,
  ScalarType,
} from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/**
 * The type of a text's value: the field's own type, or that of the elements of a repeated field.
 */
export type TextType =
  | { readonly scalar: ScalarType }
  | { readonly enum: DescEnum }
  /** A message whose JSON is a text. */
  | { readonly text: DescMessage };

/** Messages whose JSON is a text. @see google/protobuf/timestamp.proto, duration.proto, field_mask.proto */
export const TEXT_MESSAGES: ReadonlySet<string> = new Set([
  "google.protobuf.Duration",
  "google.protobuf.FieldMask",
  "google.protobuf.Timestamp",
]);

/**
 * The type by which a text in path or query is parsed. Undefined for types without a text form:
 * maps, and messages other than the well-known ones whose JSON is a single value.
 *
 * @see contract section 3.1
 */
export function textTypeOf(field: DescField): TextType | undefined {
  if (field.fieldKind === "map") return undefined;
  if (field.enum !== undefined) return { enum: field.enum };
  if (field.scalar !== undefined) return { scalar: field.scalar };
  return messageTextType(field.message);
}

function messageTextType(message: DescMessage | undefined): TextType | undefined {
  if (message === undefined) return undefined;
  if (TEXT_MESSAGES.has(message.typeName)) return { text: message };
  return isWrapperDesc(message) ? { scalar: message.fields[0].scalar } : undefined;
}

/**
 * The JSON of a text. Undefined for an invalid text, and for an empty one if that is not a value.
 * The parser of the JSON checks the range.
 */
export function textJson(text: string, type: TextType): JsonValue | undefined {
  if ("text" in type) return text;
  if ("enum" in type) return /^-?\d+$/.test(text) ? Number(text) : text;
  switch (type.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return text;
    case ScalarType.BOOL:
      return /^(?:true|1)$/i.test(text) ? true : /^(?:false|0)$/i.test(text) ? false : undefined;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return /^(?:-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|-?Infinity)$/i.test(text)
        ? numberJson(text)
        : undefined;
    default:
      // All integers stay texts, because 64 bits do not fit into a number.
      return /^-?\d+$/.test(text) ? text : undefined;
  }
}

/** As in proto JSON, where numbers that JSON lacks are texts. */
function numberJson(text: string): JsonValue {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/**
 * Whether an empty text is a value of the type. For other types, a parameter without a value counts
 * as left out.
 */
export function emptyIsValue(type: TextType): boolean {
  return "scalar" in type && (type.scalar === ScalarType.STRING || type.scalar === ScalarType.BYTES);
}

const SCALAR_LABELS: Readonly<Record<ScalarType, string>> = {
  [ScalarType.DOUBLE]: "TYPE_DOUBLE",
  [ScalarType.FLOAT]: "TYPE_FLOAT",
  [ScalarType.INT64]: "TYPE_INT64",
  [ScalarType.UINT64]: "TYPE_UINT64",
  [ScalarType.INT32]: "TYPE_INT32",
  [ScalarType.FIXED64]: "TYPE_FIXED64",
  [ScalarType.FIXED32]: "TYPE_FIXED32",
  [ScalarType.BOOL]: "TYPE_BOOL",
  [ScalarType.STRING]: "TYPE_STRING",
  [ScalarType.BYTES]: "TYPE_BYTES",
  [ScalarType.UINT32]: "TYPE_UINT32",
  [ScalarType.SFIXED32]: "TYPE_SFIXED32",
  [ScalarType.SFIXED64]: "TYPE_SFIXED64",
  [ScalarType.SINT32]: "TYPE_SINT32",
  [ScalarType.SINT64]: "TYPE_SINT64",
};

/**
 * Google's name for the type of a field in errors: `TYPE_INT32`, or the URL of a message or an
 * enum.
 */
export function typeLabel(field: DescField): string {
  if (field.fieldKind === "map") return "Map";
  if (field.scalar !== undefined) return SCALAR_LABELS[field.scalar];
  return `type.googleapis.com/${(field.message ?? field.enum).typeName}`;
}
