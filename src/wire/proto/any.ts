import { fromJson, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import type { ErrorDetail } from "../../core/error/details.ts";
import { EMPTY, type Payload, STRUCT } from "../../core/operation/payload.ts";
import { anyJson, isUnderValue, typeUrl } from "../any.ts";
import { writeStruct } from "./struct.ts";
import type { Types } from "./registry.ts";
import { open, type Writer } from "./writer.ts";

/** Field numbers of `google.protobuf.Any`. */
const TYPE_URL = 1;
const VALUE = 2;

/**
 * Writes the fields of an `Any` that holds a payload.
 *
 * @see {@link writeAnyOfJson} for unknown types
 */
export function writeAny(writer: Writer, payload: Payload, types: Types): void {
  if (payload.type === STRUCT) writeAnyStruct(writer, JSON.parse(payload.json) as object);
  else if (payload.type === EMPTY.type) writeTypeUrl(writer, typeUrl(EMPTY.type));
  else writeAnyOfJson(writer, JSON.parse(anyJson(payload)) as ErrorDetail, types);
}

/**
 * Writes the fields of an `Any` from its JSON form.
 *
 * JSON of an unknown type, or JSON that does not match its type, is sent as a Struct of the whole
 * JSON, including `@type`. So every client can read it, and nothing is lost (contract section 1.6).
 */
export function writeAnyOfJson(writer: Writer, json: ErrorDetail, types: Types): void {
  const bytes = messageBytes(json, types);
  if (bytes === undefined) return writeAnyStruct(writer, json);
  writeTypeUrl(writer, json["@type"]);
  if (bytes.length > 0) writer.tag(VALUE, WireType.LengthDelimited).bytes(bytes);
}

/**
 * The JSON form of an `Any`; a Struct if its type or content cannot be encoded, as in
 * {@link writeAnyOfJson}. It is also a Struct if a field mask has removed the type, so that it is
 * unknown.
 */
export function describedAny(json: JsonObject, types: Types): JsonObject {
  const { "@type": url } = json;
  if (typeof url === "string" && messageBytes({ ...json, "@type": url }, types) !== undefined) return json;
  return { "@type": typeUrl(STRUCT), value: json };
}

/** Whether the JSON of an `Any` has a known type and matches it. */
export function isDescribed(json: ErrorDetail, types: Types): boolean {
  return messageBytes(json, types) !== undefined;
}

/** The bytes of the message in an `Any`; undefined if it cannot be encoded. */
function messageBytes(json: ErrorDetail, types: Types): Uint8Array | undefined {
  const { "@type": url, ...fields } = json;
  const type = types.getMessage(url.slice(url.lastIndexOf("/") + 1));
  if (type === undefined) return undefined;
  const form = (isUnderValue(type.typeName) ? fields["value"] : fields) as JsonValue | undefined;
  if (form === undefined) return undefined;
  try {
    return toBinary(type, fromJson(type, form, { registry: types }));
  } catch {
    return undefined;
  }
}

function writeAnyStruct(writer: Writer, value: object): void {
  writeTypeUrl(writer, typeUrl(STRUCT));
  if (Object.keys(value).length === 0) return;
  open(writer, VALUE);
  writeStruct(writer, value);
  writer.join();
}

function writeTypeUrl(writer: Writer, url: string): void {
  writer.tag(TYPE_URL, WireType.LengthDelimited).string(url);
}
