import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { didYouMean } from "../../core/value/nearest.ts";
import { InexactError, shown } from "./exact-scalar.ts";

/** A member of an object in place of a message. */
export interface Member {
  readonly name: string;
  readonly given: unknown;
  /** Whether it may be a oneof in the form of generated code. */
  readonly fromCode: boolean;
}

/**
 * The field of a member, and its value; no field for a oneof without a value.
 *
 * @throws {InexactError} for a name that the message lacks
 */
export function memberField(
  desc: DescMessage,
  { name, given, fromCode }: Member,
): readonly [field: DescField | undefined, value: unknown] {
  const field = desc.fields.find((each) => isNamed(each, name, fromCode));
  if (field !== undefined) return [field, given];
  const oneof = fromCode ? desc.oneofs.find(({ localName }) => localName === name) : undefined;
  if (oneof !== undefined) return caseOf(oneof.fields, given);
  const shownName = JSON.stringify(name.slice(0, 100));
  const names = desc.fields.map(({ jsonName }) => jsonName);
  throw new InexactError(`${desc.typeName} has no field ${shownName}${didYouMean(name, names)}`);
}

function isNamed({ name, jsonName, localName, oneof }: DescField, text: string, fromCode: boolean): boolean {
  return jsonName === text || name === text || (fromCode && localName === text && oneof === undefined);
}

function caseOf(fields: readonly DescField[], given: unknown): readonly [DescField | undefined, unknown] {
  if (typeof given !== "object" || given === null || !("case" in given))
    throw new InexactError(`expected { case, value }, got ${shown(given)}`);
  const { case: name, value } = given as { readonly case?: unknown; readonly value?: unknown };
  if (name === undefined) return [undefined, undefined];
  const chosen = fields.find(({ localName }) => localName === name);
  if (chosen !== undefined) return [chosen, value];
  const cases = fields.map(({ localName }) => localName).join(", ");
  throw new InexactError(`expected a case of ${cases}, got ${shown(name)}`);
}

/** Whether null is a value of the field, and does not unset it. */
export function holdsNull({ message, enum: desc }: DescField): boolean {
  return message?.typeName === ValueSchema.typeName || desc?.typeName === "google.protobuf.NullValue";
}

/** The type in a message's `$typeName`; undefined for other values. */
export function typeNameOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("$typeName" in value)) return undefined;
  return typeof value.$typeName === "string" ? value.$typeName : undefined;
}

/** Whether it is a `google.protobuf.Value` in the form for `create`. */
export function isKind(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "object" && value.kind !== null && "case" in value.kind;
}
