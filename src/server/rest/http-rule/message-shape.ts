import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Shape } from "../field-mask.ts";
import { isUnderValue } from "../../../wire/any.ts";
import { TEXT_MESSAGES } from "./text-value.ts";

/**
 * The fields in the JSON of a message, for field masks. A recursive message has a recursive shape.
 */
export function messageShape(message: DescMessage, known = new Map<DescMessage, Shape>()): Shape {
  const before = known.get(message);
  if (before !== undefined) return before;
  if (TEXT_MESSAGES.has(message.typeName)) return {};
  // The fields inside an Any, a Struct and similar messages depend on the value.
  if (isUnderValue(message.typeName)) return "free";
  const shape: Record<string, Shape> = {};
  known.set(message, shape);
  for (const field of message.fields) shape[field.jsonName] = fieldShape(field, known);
  return shape;
}

/** The same for one field; the shape of a list is that of its elements. A map allows any name. */
export function fieldShape(field: DescField, known = new Map<DescMessage, Shape>()): Shape {
  if (field.fieldKind === "map") return "free";
  return field.message === undefined ? {} : messageShape(field.message, known);
}
