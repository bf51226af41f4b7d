import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { isUnderValue } from "../../wire/any.ts";

/**
 * Paths of a field mask, such as `config.node_count` and labels.`example.com/team`.
 *
 * A path consists of field names in the spelling of the proto, separated by dots. After a map field
 * comes a key; a key with a dot or a comma must be in backticks. `*` means every member of a list
 * or a map, or every field.
 *
 * @see google/protobuf/field_mask.proto; AIP-161
 */

/** Splits a path into segments, or a mask into paths. Text in backticks is not split. */
function split(text: string, separator: "." | ","): readonly string[] {
  if (!text.includes("`")) return text.split(separator);
  const parts = [""];
  let quoted = false;
  for (const character of text) {
    if (character === "`") quoted = !quoted;
    if (character === separator && !quoted) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/**
 * The paths in the text of a mask. An empty text is an empty mask.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for a mask with too many characters or
 * paths
 */
export function pathsIn(text: string): readonly string[] {
  const { fieldMaskLengthMax } = LIMITS;
  if (text.length > fieldMaskLengthMax)
    throw refusal(`expected at most ${fieldMaskLengthMax} characters, got ${text.length}`);
  const paths = split(text, ",")
    .map((path) => path.trim())
    .filter((path) => path !== "");
  checkPathCount(paths.length);
  return paths;
}

/** @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for too many paths */
export function checkPathCount(count: number): void {
  const { fieldMaskNamesMax } = LIMITS;
  if (count > fieldMaskNamesMax) throw refusal(`expected at most ${fieldMaskNamesMax} paths, got ${count}`);
}

function refusal(rule: string): Error {
  return serviceError("REQUEST_INVALID", `Invalid field mask: ${rule}.`);
}

/** The segments of a path. Keys keep their backticks. */
export function segmentsOf(path: string): readonly string[] {
  return split(path, ".");
}

/** A key without the backticks around it. */
export function keyOf(segment: string): string {
  return /^`.*`$/s.test(segment) ? segment.slice(1, -1) : segment;
}

/**
 * The meaning of the next segment's place: a message with fields, a map or a list with members, a
 * single value, or anything.
 */
type Place =
  | { readonly message: DescMessage }
  | { readonly membersOf: DescField }
  | "value"
  /** Keys of a Struct, which keep their spelling. */
  | "free"
  /** Unknown. */
  | undefined;

/**
 * A path with its fields spelled as in the proto, from either spelling. Keys of maps stay as they are. Fields that the message
 * does not have are read as proto-JSON reads them: `displayName` is `display_name`.
 *
 * @param message the message of the mask; undefined if unknown
 */
export function protoPath(path: string, message: DescMessage | undefined): string {
  let place: Place = message === undefined ? undefined : { message };
  const segments = segmentsOf(path).map((segment) => {
    const field = fieldAt(place, segment);
    if (field !== undefined) {
      place = behind(field);
      return field.name;
    }
    if (place === "free") return segment;
    if (typeof place === "object" && "membersOf" in place) {
      place = memberOf(place.membersOf);
      return segment;
    }
    place = undefined;
    return snakeCase(segment);
  });
  return segments.join(".");
}

/** The field of a message that a segment names, in either spelling. */
export function fieldNamed(message: DescMessage, segment: string): DescField | undefined {
  const before = fieldsByName.get(message);
  if (before !== undefined) return before.get(segment);
  const names = new Map<string, DescField>();
  // If two fields share a name, the first one counts.
  for (const field of message.fields.toReversed()) names.set(field.jsonName, field).set(field.name, field);
  fieldsByName.set(message, names);
  return names.get(segment);
}

/** A cache, because a request may contain ten thousand messages and as many unknown names. */
const fieldsByName = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

function fieldAt(place: Place, segment: string): DescField | undefined {
  return typeof place === "object" && "message" in place ? fieldNamed(place.message, segment) : undefined;
}

function behind(field: DescField): Place {
  if (field.fieldKind === "list" || field.fieldKind === "map") return { membersOf: field };
  return memberOf(field);
}

function memberOf({ message }: DescField): Place {
  if (message === undefined) return "value";
  return isUnderValue(message.typeName) ? "free" : { message };
}

/**
 * As in proto-JSON. A name with an initial capital or an underscore is already spelled as in the
 * proto.
 */
function snakeCase(segment: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(segment)) return segment;
  return segment.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
