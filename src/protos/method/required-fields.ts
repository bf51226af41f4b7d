import {
  create,
  type DescField,
  type DescMessage,
  getOption,
  isFieldSet,
  type Message,
} from "@bufbuild/protobuf";
import type { SchemaIssue } from "../../core/method/schema.ts";
import { type Scope, scopeOfField, scopeOfMember } from "../field-mask/scope.ts";
import { field_behavior, FieldBehavior } from "../../wire/gen/google/api/field_behavior_pb.ts";

type Path = readonly (string | number)[];

/**
 * The missing REQUIRED fields, in the message and in all messages inside it.
 *
 * A field without presence is missing if it has its default: an empty text or list, 0. A new
 * resource does not need its `name`, even if the resource requires it, because the server assigns
 * it (AIP-133). For an update, only the covered fields of the resource are checked, and its `name`,
 * which identifies it (AIP-134).
 *
 * @see AIP-203; google/api/field_behavior.proto
 */
export function missingFields(desc: DescMessage, message: Message): readonly SchemaIssue[] {
  if (!mayMiss(desc)) return [];
  return missingBelow(desc, message, { path: [], scope: "all", isNew: false });
}

const demanding = new WeakMap<DescMessage, boolean>();

/** Whether a message contains a REQUIRED field anywhere. */
function mayMiss(desc: DescMessage): boolean {
  const before = demanding.get(desc);
  if (before !== undefined) return before;
  const seen = new Set([desc]);
  for (const each of seen)
    for (const { message } of each.fields) if (message !== undefined) seen.add(message);
  const demands = Array.from(seen).some(({ fields }) => fields.some(isRequired));
  demanding.set(desc, demands);
  return demands;
}

/**
 * The state of the search: its path, the covered part there, and whether the message is a new
 * resource.
 */
interface Place {
  readonly path: Path;
  readonly scope: Scope;
  readonly isNew: boolean;
}

function missingBelow(desc: DescMessage, message: Message, { path, scope, isNew }: Place): SchemaIssue[] {
  const creates = isRequest(desc, path) && desc.fields.some(({ name }) => name === "parent");
  return desc.fields.flatMap((field) => {
    const inside = scopeOfField(message, desc, field, scope);
    if (inside === undefined || (isNew && field.name === "name")) return [];
    const at = [...path, field.name];
    const isDemanded = scopeOfMember(scope, field.name) === "all" && isRequired(field);
    if (isDemanded && !isFieldSet(message, field)) return [{ message: "is required", path: at }];
    if (field.message === undefined || !mayMiss(field.message)) return [];
    return membersOf(message, field, inside).flatMap(([value, member]) => {
      const part = member === undefined ? inside : scopeOfMember(inside, member);
      if (part === undefined || field.message === undefined) return [];
      const place = member === undefined ? at : [...at, member];
      return missingBelow(field.message, value, { path: place, scope: part, isNew: creates });
    });
  });
}

/** The request itself, or one of several in it (AIP-233). */
function isRequest({ name }: DescMessage, path: Path): boolean {
  return path.length === 0 || name.endsWith("Request");
}

const required = new WeakMap<DescField, boolean>();

/**
 * A cache, because each read of an option decodes it, and a request may contain a hundred thousand
 * messages.
 */
export function isRequired(field: DescField): boolean {
  const before = required.get(field);
  if (before !== undefined) return before;
  const is = getOption(field, field_behavior).includes(FieldBehavior.REQUIRED);
  required.set(field, is);
  return is;
}

/**
 * The messages in a field: one, or those of a list or map, each with its index or key. A missing
 * message counts as empty if a mask names a field in it.
 */
function membersOf(
  message: Message,
  field: DescField,
  scope: Scope,
): (readonly [Message, string | number | undefined])[] {
  if (field.message === undefined) return [];
  if (!isFieldSet(message, field)) {
    return field.fieldKind === "message" && scope !== "all" ? [[create(field.message), undefined]] : [];
  }
  const holder = field.oneof === undefined ? message : (message as never)[field.oneof.localName];
  const value: unknown = (holder as Record<string, unknown>)[
    field.oneof === undefined ? field.localName : "value"
  ];
  if (field.fieldKind === "list") return (value as Message[]).map((each, index) => [each, index]);
  if (field.fieldKind === "map") {
    return Object.entries(value as Record<string, Message>).map(([key, each]) => [each, key]);
  }
  return isMessageValue(value) ? [[value, undefined]] : [];
}

/** Some well-known types are plain values in messages, such as a Struct or an unwrapped wrapper. */
function isMessageValue(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "$typeName" in value;
}
