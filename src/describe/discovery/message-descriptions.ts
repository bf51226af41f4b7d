import { type DescEnum, type DescField, type DescMessage, getOption, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { field_behavior } from "../../wire/gen/google/api/field_behavior_pb.ts";
import { FieldBehavior } from "../../wire/gen/google/api/field_behavior_pb.ts";
import { commentOf } from "./comments.ts";
import type { ValueDescription } from "./description.ts";
import type { SchemaTable } from "./method-schemas.ts";

/** Messages with a schema in every document. */
const STANDARD_IDS: ReadonlyMap<string, string> = new Map([
  ["google.longrunning.Operation", "Operation"],
  ["google.longrunning.ListOperationsResponse", "ListOperationsResponse"],
  ["google.longrunning.CancelOperationRequest", "CancelOperationRequest"],
  ["google.longrunning.WaitOperationRequest", "WaitOperationRequest"],
  ["google.rpc.Status", "Status"],
  ["google.protobuf.Empty", "Empty"],
]);

const ANY: ValueDescription = { type: "any" };

/** Messages with a special JSON form, as in Google's documents. @see contract section 5.1 */
const SPECIAL: ReadonlyMap<string, ValueDescription> = new Map<string, ValueDescription>([
  ["google.protobuf.Timestamp", { type: "string", format: "google-datetime" }],
  ["google.protobuf.Duration", { type: "string", format: "google-duration" }],
  ["google.protobuf.FieldMask", { type: "string", format: "google-fieldmask" }],
  ["google.protobuf.Value", ANY],
  ["google.protobuf.ListValue", { type: "array", items: ANY }],
  [
    "google.protobuf.Struct",
    { type: "object", additionalProperties: { type: "any", description: "Properties of the object." } },
  ],
  [
    "google.protobuf.Any",
    {
      type: "object",
      additionalProperties: {
        type: "any",
        description: "Properties of the object. Contains field @type with type URL.",
      },
    },
  ],
]);

const INT32: ValueDescription = { type: "integer", format: "int32" };
const UINT32: ValueDescription = { type: "integer", format: "uint32" };
const INT64: ValueDescription = { type: "string", format: "int64" };
const UINT64: ValueDescription = { type: "string", format: "uint64" };

const SCALARS: Readonly<Record<ScalarType, ValueDescription>> = {
  [ScalarType.DOUBLE]: { type: "number", format: "double" },
  [ScalarType.FLOAT]: { type: "number", format: "float" },
  [ScalarType.INT64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.INT32]: INT32,
  [ScalarType.FIXED64]: UINT64,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.STRING]: { type: "string" },
  [ScalarType.BYTES]: { type: "string", format: "byte" },
  [ScalarType.UINT32]: UINT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.SINT32]: INT32,
  [ScalarType.SINT64]: INT64,
};

/**
 * Schemas of messages, created at their first reference, once each, under the name without the
 * package or the nearest free name. `required` is not included, because an answer omits required
 * fields with their default.
 */
export class MessageDescriptions {
  readonly added: Record<string, ValueDescription> = {};
  readonly #table: SchemaTable;
  readonly #ids = new Map<DescMessage, string>();

  constructor(table: SchemaTable) {
    this.#table = table;
  }

  /**
   * A reference to a message's schema. A message with a special JSON form gets a schema only where
   * a reference is necessary.
   */
  reference(message: DescMessage): { readonly $ref: string } {
    const special = specialOf(message);
    return special === undefined ? { $ref: this.#idOf(message) } : this.named(wishFor(message), special);
  }

  /** A schema under a name, for a value that is not a message. */
  named(wish: string, description: ValueDescription): { readonly $ref: string } {
    const id = this.#table.reserve(wish);
    this.#set(id, description);
    return { $ref: id };
  }

  /** The value of a field, without the field's own remarks. */
  fieldValue(field: DescField): ValueDescription {
    if (field.fieldKind === "list") return { type: "array", items: this.#single(field) };
    if (field.fieldKind === "map") return { type: "object", additionalProperties: this.#single(field) };
    return this.#single(field);
  }

  #single(field: DescField): ValueDescription {
    if (field.enum !== undefined) return enumValue(field.enum);
    if (field.scalar !== undefined && field.message === undefined) return SCALARS[field.scalar];
    return field.message === undefined
      ? ANY
      : (specialOf(field.message) ?? { $ref: this.#idOf(field.message) });
  }

  #idOf(message: DescMessage): string {
    const known = STANDARD_IDS.get(message.typeName) ?? this.#ids.get(message);
    if (known !== undefined) return known;
    const id = this.#table.reserve(wishFor(message));
    // Stored before it is described, because it may refer to itself.
    this.#ids.set(message, id);
    const properties = message.fields.map((field) => {
      const description = { ...this.fieldValue(field), ...remarks(field) };
      return [field.jsonName, description] as const;
    });
    this.#set(id, { type: "object", ...described(message), properties: Object.fromEntries(properties) });
    return id;
  }

  #set(id: string, description: ValueDescription): void {
    this.#table.set(id, description);
    this.added[id] = { id, ...description };
  }
}

/** `Outer.Inner` of any package as `OuterInner`. */
function wishFor({ typeName, file }: DescMessage): string {
  const prefix = file.proto.package === "" ? "" : `${file.proto.package}.`;
  return typeName.slice(prefix.length).replaceAll(".", "");
}

function specialOf(message: DescMessage): ValueDescription | undefined {
  return isWrapperDesc(message) ? SCALARS[message.fields[0].scalar] : SPECIAL.get(message.typeName);
}

function enumValue(type: DescEnum): ValueDescription {
  if (type.typeName === "google.protobuf.NullValue") return ANY;
  return {
    type: "string",
    enum: type.values.map(({ name }) => name),
    enumDescriptions: type.values.map((value) => commentOf(value)),
  };
}

/**
 * The remarks for a value; next to a reference, only the description and a few others are allowed.
 */
function remarks(field: DescField): ValueDescription {
  const outputOnly = getOption(field, field_behavior).includes(FieldBehavior.OUTPUT_ONLY);
  return {
    ...described(field),
    ...(outputOnly ? { readOnly: true } : {}),
    ...(field.deprecated ? { deprecated: true } : {}),
  };
}

function described(desc: DescMessage | DescField): ValueDescription {
  const description = commentOf(desc);
  return description === "" ? {} : { description };
}
