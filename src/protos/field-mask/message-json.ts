import {
  create,
  type DescField,
  type DescMessage,
  type JsonValue,
  mergeFromJson,
  type Message,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMap, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema, type FieldMask } from "@bufbuild/protobuf/wkt";
import { exactJson } from "../../wire/proto/exact-json.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { updateFieldsOf } from "./masked-field.ts";
import { checkPathCount, fieldNamed, pathsIn, protoPath } from "./path.ts";

/**
 * Converts proto-JSON to messages, with masks read according to their resource.
 *
 * Proto-JSON writes the fields of a mask in lowerCamelCase and has no form for keys with capitals or underscores. Real clients
 * send both spellings, in queries and in bodies: gcloud, google-gax and Ruby write `memory_size_gb`. So both are understood, and
 * keys of maps stay as they are.
 *
 * @see https://protobuf.dev/programming-guides/json; AIP-161
 */

/** Converts JSON to a message. @throws {Error} for JSON of another message */
export function messageFromJson<Desc extends DescMessage>(
  desc: Desc,
  json: JsonValue,
  types: Types,
): MessageShape<Desc> {
  const message = create(desc);
  mergeJson(desc, message, json, types);
  return message;
}

/** Converts the result of {@link exactJson} to a message, without another check. @throws {Error} */
export function messageFromExact(desc: DescMessage, exact: JsonValue, types: Types): Message {
  const message = create(desc);
  mergeExact(desc, message, exact, types);
  return message;
}

/** Merges JSON into a message. @throws {Error} for JSON of another message */
export function mergeJson(desc: DescMessage, message: Message, json: JsonValue, types: Types): void {
  mergeExact(desc, message, exactJson(desc, json, { types, from: "json" }), types);
}

function mergeExact(desc: DescMessage, message: Message, exact: JsonValue, types: Types): void {
  const { plain, masks } = withoutMasks(desc, exact);
  mergeFromJson(desc, message, plain, { registry: types });
  for (const { steps, paths } of masks) maskAt(reflect(desc, message), steps).paths = [...paths];
}

/** A field, and the member in it if it has several: the index in a list, or the key in a map. */
export interface Step {
  readonly field: DescField;
  readonly member?: string | number;
}

/** A mask in the JSON of a message: its place, and its paths in the spelling of the proto. */
interface FoundMask {
  readonly steps: readonly Step[];
  readonly paths: readonly string[];
}

/** JSON with empty masks, and the masks that it contained. */
export function withoutMasks(
  desc: DescMessage,
  json: JsonValue,
): { readonly plain: JsonValue; readonly masks: readonly FoundMask[] } {
  const masks: FoundMask[] = [];
  const plain = mayHoldMask(desc) ? new Search(masks).message(desc, json, []) : json;
  return { plain, masks };
}

class Search {
  readonly #found: FoundMask[];

  constructor(found: FoundMask[]) {
    this.#found = found;
  }

  message(desc: DescMessage, json: JsonValue, steps: readonly Step[]): JsonValue {
    if (!mayHoldMask(desc) || typeof json !== "object" || json === null || Array.isArray(json)) return json;
    const update = updateFieldsOf(desc);
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => {
        const field = fieldNamed(desc, key);
        if (field?.message === undefined) return [key, value];
        const about = field === update?.mask ? update.resource.message : undefined;
        return [key, this.#field(field, field.message, { value, steps, about })];
      }),
    );
  }

  #field(
    field: DescField,
    desc: DescMessage,
    { value, steps, about }: { value: JsonValue; steps: readonly Step[]; about: DescMessage | undefined },
  ): JsonValue {
    const member = (each: JsonValue, name: string | number): JsonValue =>
      this.#value(desc, each, [...steps, { field, member: name }]);
    if (field.fieldKind === "list" && Array.isArray(value))
      return value.map((each, index) => member(each, index));
    if (field.fieldKind !== "map") return this.#value(desc, value, [...steps, { field }], about);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, member(each, name)]));
  }

  #value(desc: DescMessage, value: JsonValue, steps: readonly Step[], about?: DescMessage): JsonValue {
    if (desc.typeName !== FieldMaskSchema.typeName) return this.message(desc, value, steps);
    if (typeof value !== "string") return value;
    this.#found.push({ steps, paths: pathsIn(value).map((path) => protoPath(path, about)) });
    return "";
  }
}

function maskAt(message: ReflectMessage, steps: readonly Step[]): FieldMask {
  let at = message;
  for (const { field, member = "" } of steps) {
    if (field.fieldKind === "list") at = at.get(field).get(Number(member)) as ReflectMessage;
    else if (field.fieldKind === "map") at = memberOf(at.get(field), String(member));
    else at = at.get(field) as ReflectMessage;
  }
  return at.message as FieldMask;
}

/** Keys of JSON are texts; those of maps may be numbers or booleans. */
function memberOf(map: ReflectMap, name: string): ReflectMessage {
  return map.get(mapKey(map.field().mapKey, name)) as ReflectMessage;
}

/** The key of a map for its text, such as a member of the map's JSON. The text must be valid. */
export function mapKey(type: ScalarType, name: string): unknown {
  switch (type) {
    case ScalarType.STRING:
      return name;
    case ScalarType.BOOL:
      return name === "true";
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return BigInt(name);
    default:
      return Number(name);
  }
}

/**
 * Checks the masks of a binary message, like those in JSON during the read.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for a mask with too many paths
 */
export function checkMasks(desc: DescMessage, message: Message): void {
  for (const { mask } of masksIn(desc, message)) checkPathCount(mask.paths.length);
}

/** A mask in a message, and the way to it; no steps if the message itself is a mask. */
interface HeldMask {
  readonly mask: FieldMask;
  readonly steps: readonly Step[];
}

/** All masks of a message, except inside an `Any`. */
export function masksIn(desc: DescMessage, message: Message): readonly HeldMask[] {
  const found: HeldMask[] = [];
  if (mayHoldMask(desc)) addMasks(reflect(desc, message), [], found);
  return found;
}

function addMasks(message: ReflectMessage, steps: readonly Step[], found: HeldMask[]): void {
  if (message.desc.typeName === FieldMaskSchema.typeName) {
    found.push({ mask: message.message as FieldMask, steps });
    return;
  }
  for (const field of message.fields) {
    if (field.message === undefined || !mayHoldMask(field.message) || !message.isSet(field)) continue;
    if (field.fieldKind === "message") addMasks(message.get(field), [...steps, { field }], found);
    else
      for (const [member, each] of message.get(field).entries()) {
        const step = {
          field,
          member: typeof member === "number" && field.fieldKind === "list" ? member : String(member),
        };
        addMasks(each as ReflectMessage, [...steps, step], found);
      }
  }
}

const holders = new WeakMap<DescMessage, boolean>();

/**
 * Whether a message can contain a mask anywhere. The content of an `Any` is read as plain
 * proto-JSON.
 */
export function mayHoldMask(desc: DescMessage): boolean {
  const before = holders.get(desc);
  if (before !== undefined) return before;
  const seen = new Set([desc]);
  for (const each of seen)
    for (const { message } of each.fields) if (message !== undefined) seen.add(message);
  const holds = Array.from(seen).some(({ typeName }) => typeName === FieldMaskSchema.typeName);
  holders.set(desc, holds);
  return holds;
}
