import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Shape } from "../field-mask.ts";
import { isUnderValue } from "../../../wire/any.ts";
import { TEXT_MESSAGES } from "./text-value.ts";

/** The fields that the JSON of a message has, for field masks. A message inside itself makes a shape inside itself. */
export function messageShape(message: DescMessage, known = new Map<DescMessage, Shape>()): Shape {
  const before = known.get(message);
  if (before !== undefined) return before;
  if (TEXT_MESSAGES.has(message.typeName)) return {};
  // What is inside an Any, a Struct and their like depends on the value.
  if (isUnderValue(message.typeName)) return "free";
  const shape: Record<string, Shape> = {};
  known.set(message, shape);
  for (const field of message.fields) shape[field.jsonName] = fieldShape(field, known);
  return shape;
}

/** The same for one field, through whose list a mask looks. Names in a map may be any. */
export function fieldShape(field: DescField, known = new Map<DescMessage, Shape>()): Shape {
  if (field.fieldKind === "map") return "free";
  return field.message === undefined ? {} : messageShape(field.message, known);
}
