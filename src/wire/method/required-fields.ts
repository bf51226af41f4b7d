import { type DescField, type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import type { SchemaIssue } from "../../core/schema.ts";
import { field_behavior, FieldBehavior } from "../gen/google/api/field_behavior_pb.ts";

type Path = readonly (string | number)[];

/**
 * What is missing of the fields that are REQUIRED, in the message and in every message inside that is there.
 *
 * A field without presence counts as missing when it has its default: an empty text or list, 0. The `name` of a resource that
 * is to be created is not looked for, whatever the resource says of it: the server gives it (AIP-133).
 *
 * @see AIP-203; google/api/field_behavior.proto
 */
export function missingFields(desc: DescMessage, message: Message): readonly SchemaIssue[] {
  const creates = desc.fields.some(({ name }) => name === "parent");
  return missingBelow(desc, message, []).filter(({ path = [] }) => {
    return !(creates && path.length === 2 && path[1] === "name");
  });
}

function missingBelow(desc: DescMessage, message: Message, path: Path): readonly SchemaIssue[] {
  return desc.fields.flatMap((field) => {
    const at = [...path, field.name];
    if (!isFieldSet(message, field)) return isRequired(field) ? [{ message: "is required", path: at }] : [];
    if (field.message === undefined) return [];
    const { message: inside } = field;
    return membersOf(message, field, at).flatMap(([value, where]) => missingBelow(inside, value, where));
  });
}

function isRequired(field: DescField): boolean {
  return getOption(field, field_behavior).includes(FieldBehavior.REQUIRED);
}

/** The messages in a field, each with its path: one, or those of a list or of a map. */
function membersOf(message: Message, field: DescField, at: Path): (readonly [Message, Path])[] {
  const holder = field.oneof === undefined ? message : (message as never)[field.oneof.localName];
  const value: unknown = (holder as Record<string, unknown>)[
    field.oneof === undefined ? field.localName : "value"
  ];
  if (field.fieldKind === "list") return (value as Message[]).map((each, index) => [each, [...at, index]]);
  if (field.fieldKind === "map") {
    return Object.entries(value as Record<string, Message>).map(([key, each]) => [each, [...at, key]]);
  }
  return field.fieldKind === "message" && isMessageValue(value) ? [[value, at]] : [];
}

/** Some well-known types are plain values in messages, such as a Struct or an unwrapped wrapper. */
function isMessageValue(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "$typeName" in value;
}
