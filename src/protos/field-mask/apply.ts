import {
  clone,
  create,
  type DescField,
  type DescMessage,
  getOption,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type ReflectMap, type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { Violations } from "../../core/error/violations.ts";
import { field_behavior, FieldBehavior } from "../../wire/gen/google/api/field_behavior_pb.ts";
import { isUnderValue } from "../../wire/any.ts";
import { updateFieldsOf } from "./masked-field.ts";
import { fieldNamed, keyOf, segmentsOf } from "./path.ts";

/** The paths of a mask, as `google.protobuf.FieldMask` has them. */
export interface UpdateMask {
  readonly paths: readonly string[];
}

/**
 * Applies an update to a stored resource.
 *
 * Fields that the mask names are copied from `given`, even if they are empty there; a named
 * message, list or map is replaced. Without a mask, or with an empty one, all populated fields are
 * copied: messages field by field, lists and maps as a whole. `*` replaces everything. A path may
 * name a key of a map (`labels.env`); the key is removed if `given` lacks it. OUTPUT_ONLY fields do
 * not change.
 *
 * @param schema of the resource
 * @returns a new message; `stored` and `given` are not changed
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for a path that the resource does not have
 * @see AIP-134, AIP-161, AIP-203
 */
export function applyUpdateMask<Desc extends DescMessage>(
  schema: Desc,
  stored: MessageInitShape<Desc>,
  given: MessageInitShape<Desc> | undefined,
  mask?: UpdateMask,
): MessageShape<Desc> {
  const result = clone(schema, create(schema, stored));
  const target = reflect(schema, result);
  const source = reflect(schema, clone(schema, create(schema, given)));
  const paths = mask?.paths ?? [];
  if (paths.length === 0) takePopulated(target, source);
  else if (paths.includes("*")) for (const field of schema.fields) take(target, source, field);
  else takePaths(target, source, paths);
  return result;
}

const requests = new WeakMap<object, DescMessage>();

/** Remembers the type of a handler's request, for {@link applyUpdate}. */
export function rememberRequest(request: object, desc: DescMessage): void {
  if (updateFieldsOf(desc) !== undefined) requests.set(request, desc);
}

/**
 * Applies an update request to a stored resource: {@link applyUpdateMask} with the resource and the
 * `update_mask` of the request.
 *
 * @param request the request that the handler was given
 * @throws {TypeError} for anything else; {StatusError} as `applyUpdateMask`
 */
export function applyUpdate<Resource extends object>(request: object, stored: Resource): Resource {
  const desc = requests.get(request);
  const update = desc === undefined ? undefined : updateFieldsOf(desc);
  if (update === undefined) {
    throw new TypeError(
      "applyUpdate: expected the request that the handler was given, of an RPC with a resource and an update_mask; " +
        "use applyUpdateMask for other messages",
    );
  }
  const members = request as Readonly<Record<string, unknown>>;
  const given = members[update.resource.localName] as MessageInitShape<DescMessage> | undefined;
  const mask = members[update.mask.localName] as FieldMask | undefined;
  const { message } = update.resource;
  return applyUpdateMask(message, stored as MessageInitShape<DescMessage>, given, mask) as object as Resource;
}

function takePopulated(target: ReflectMessage, source: ReflectMessage): void {
  for (const field of source.fields) {
    if (!source.isSet(field)) continue;
    if (field.fieldKind !== "message" || !target.isSet(field) || isWhole(field)) take(target, source, field);
    else takePopulated(target.get(field), source.get(field));
  }
}

/**
 * Whether a message field is handled as a whole: it has no fields of its own, or it is not copied
 * at all.
 */
function isWhole(field: DescField & { readonly fieldKind: "message" }): boolean {
  return isOutputOnly(field) || isUnderValue(field.message.typeName);
}

function take(target: ReflectMessage, source: ReflectMessage, field: DescField): void {
  if (isOutputOnly(field)) return;
  if (source.isSet(field)) target.set(field, source.get(field));
  else target.clear(field);
}

function isOutputOnly(field: DescField): boolean {
  return getOption(field, field_behavior).includes(FieldBehavior.OUTPUT_ONLY);
}

function takePaths(target: ReflectMessage, source: ReflectMessage, paths: readonly string[]): void {
  const violations = new Violations();
  for (const path of paths) {
    const refusal = takePath(target, source, segmentsOf(path));
    if (refusal !== undefined)
      violations.add(() => `${JSON.stringify(path.slice(0, 200))}: ${refusal}`, "update_mask");
  }
  if (violations.count > 0) throw violations.error("REQUEST_INVALID");
}

/** @returns the error of an invalid path, otherwise undefined */
function takePath(
  target: ReflectMessage,
  source: ReflectMessage,
  [segment = "", ...rest]: readonly string[],
): string | undefined {
  const field = fieldNamed(target.desc, segment);
  if (field === undefined) return `${target.desc.typeName} has no field "${segment.slice(0, 100)}"`;
  const [next] = rest;
  if (next === undefined || isOutputOnly(field)) {
    take(target, source, field);
    return undefined;
  }
  if (field.fieldKind === "map" && rest.length === 1) {
    takeKey(target.get(field), source.get(field), keyOf(next));
    return undefined;
  }
  if (field.fieldKind !== "message" || isUnderValue(field.message.typeName))
    return `"${field.name}" can only be named as a whole`;
  const given = source.isSet(field) ? source.get(field) : reflect(field.message);
  const inside = target.isSet(field) ? target.get(field) : reflect(field.message);
  const refusal = takePath(inside, given, rest);
  // Nothing is made of a message in which nothing is set.
  if (refusal === undefined && (target.isSet(field) || source.isSet(field))) target.set(field, inside);
  return refusal;
}

function takeKey(target: ReflectMap, source: ReflectMap, name: string): void {
  const keyIn = (map: ReflectMap): ScalarValue | undefined =>
    Array.from(map.keys()).find((key) => String(key) === name) as ScalarValue | undefined;
  const given = keyIn(source);
  const before = keyIn(target);
  if (given !== undefined) target.set(given, source.get(given));
  else if (before !== undefined) target.delete(before);
}
