import {
  clone,
  create,
  type DescField,
  type DescMessage,
  getOption,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type ReflectMap, type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { Violations } from "../../core/error/violations.ts";
import { field_behavior, FieldBehavior } from "../../wire/gen/google/api/field_behavior_pb.ts";
import { isUnderValue } from "../../wire/any.ts";
import { exactJson } from "../../wire/proto/exact-json.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { updateFieldsOf } from "./masked-field.ts";
import { mapKey, messageFromExact } from "./message-json.ts";
import { fieldNamed, keyOf, segmentsOf } from "./path.ts";
import { noField, refusedPath } from "./unknown-path.ts";

/** The paths of a mask, as in `google.protobuf.FieldMask`. */
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
 * @param schema the schema of the resource
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

const requests = new WeakMap<object, { readonly desc: DescMessage; readonly types: Types }>();

/** Remembers the type of a handler's request, for {@link applyUpdate}. */
export function rememberRequest(request: object, desc: DescMessage, types: Types): void {
  if (updateFieldsOf(desc) !== undefined) requests.set(request, { desc, types });
}

/**
 * Applies an update request to a stored resource: {@link applyUpdateMask} with the resource and the
 * `update_mask` of the request.
 *
 * @param request the request that the handler received
 * @param stored a message or a plain object, or a mixture, as handlers may return it
 * @throws {TypeError} for any other request, or with the invalid field of `stored`; {StatusError}
 * as `applyUpdateMask`
 */
export function applyUpdate<Resource extends object>(request: object, stored: Resource): Resource {
  const known = requests.get(request);
  const update = known === undefined ? undefined : updateFieldsOf(known.desc);
  if (known === undefined || update === undefined) {
    throw new TypeError(
      "applyUpdate: expected the request that the handler was given, of an RPC with a resource and an update_mask; " +
        "use applyUpdateMask for other messages",
    );
  }
  const members = request as Readonly<Record<string, unknown>>;
  const given = members[update.resource.localName] as MessageInitShape<DescMessage> | undefined;
  const mask = members[update.mask.localName] as FieldMask | undefined;
  const { message } = update.resource;
  const before = storedMessage(message, stored, known.types);
  return applyUpdateMask(message, before, given, mask) as object as Resource;
}

function storedMessage(desc: DescMessage, stored: object, types: Types): Message {
  try {
    return messageFromExact(desc, exactJson(desc, stored, { types, from: "code" }), types);
  } catch (cause) {
    const rule = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`applyUpdate: invalid stored resource: ${rule}`, { cause });
  }
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
  const before = outputOnly.get(field);
  if (before !== undefined) return before;
  const found = getOption(field, field_behavior).includes(FieldBehavior.OUTPUT_ONLY);
  outputOnly.set(field, found);
  return found;
}

/** A cache: protobuf-es decodes the options of a field at each reading. */
const outputOnly = new WeakMap<DescField, boolean>();

/**
 * The parts of a resource that the paths of a mask name. A field that is named as a whole includes
 * its parts. Each part is stored once, so that the work does not grow with repeated paths.
 */
interface NamedParts {
  /** The named keys of a map field. */
  readonly keys: Set<string>;
  readonly fields: Map<DescField, NamedParts | "whole">;
}

function takePaths(target: ReflectMessage, source: ReflectMessage, paths: readonly string[]): void {
  const violations = new Violations();
  const parts = noParts();
  for (const path of paths) {
    const refusal = addPath(parts, target.desc, segmentsOf(path));
    if (refusal !== undefined) violations.add(() => refusedPath(path, refusal()), "update_mask");
  }
  if (violations.count > 0) throw violations.error("REQUEST_INVALID");
  takeParts(target, source, parts);
}

function noParts(): NamedParts {
  return { keys: new Set(), fields: new Map() };
}

/** @returns a function that describes the error of an invalid path, otherwise undefined */
function addPath(
  root: NamedParts,
  resource: DescMessage,
  segments: readonly string[],
): (() => string) | undefined {
  let parts = root;
  let desc = resource;
  for (const [index, segment] of segments.entries()) {
    const field = fieldNamed(desc, segment);
    if (field === undefined) return () => noField(desc, segment);
    const next = segments[index + 1];
    if (next === undefined || isOutputOnly(field)) {
      parts.fields.set(field, "whole");
      return undefined;
    }
    const isKey = field.fieldKind === "map" && index + 2 === segments.length;
    if (!isKey && (field.fieldKind !== "message" || isUnderValue(field.message.typeName)))
      return () => `"${field.name}" can only be named as a whole`;
    const inside = parts.fields.get(field) ?? noParts();
    parts.fields.set(field, inside);
    // Nothing more is taken from a whole field, but the rest of the path is still checked.
    parts = inside === "whole" ? noParts() : inside;
    if (field.fieldKind !== "message") {
      parts.keys.add(keyOf(next));
      return undefined;
    }
    desc = field.message;
  }
  return undefined;
}

function takeParts(target: ReflectMessage, source: ReflectMessage, { fields }: NamedParts): void {
  for (const [field, parts] of fields) {
    if (parts === "whole") take(target, source, field);
    else if (field.fieldKind === "map")
      for (const key of parts.keys) takeKey(target.get(field), source.get(field), key);
    else if (field.fieldKind === "message" && (target.isSet(field) || source.isSet(field))) {
      const inside = target.isSet(field) ? target.get(field) : reflect(field.message);
      const given = source.isSet(field) ? source.get(field) : reflect(field.message);
      takeParts(inside, given, parts);
      target.set(field, inside);
    }
  }
}

/** @param name the key as text. Maps of all key types are objects, so has() and delete() accept it. */
function takeKey(target: ReflectMap, source: ReflectMap, name: string): void {
  if (source.has(name)) {
    const key = mapKey(source.field().mapKey, name) as ScalarValue;
    target.set(key, source.get(key));
  } else target.delete(name);
}
