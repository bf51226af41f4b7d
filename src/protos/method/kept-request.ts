import {
  type DescMessage,
  fromBinary,
  type JsonValue,
  type Message,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { checkMasks, mayHoldMask, messageFromJson } from "../field-mask/message-json.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { impossibleValue } from "./impossible-values.ts";

/**
 * The key of a request that is stored as bytes, in base64. No field of a message can have this
 * name.
 */
const BYTES = "@bytes";

/**
 * The stored form of a request: its proto-JSON or, if that cannot express all of it, its bytes.
 * Examples are an `Any` of an unknown type, and a mask like `labels.Env`. The handler gets the
 * request as the caller sent it.
 *
 * @throws {TypeError} for a message that cannot be encoded; {JsonError} with the field's path for a
 *   value that its type does not allow, such as a timestamp of the year 10000
 * @see contract section 7
 */
export function keptRequest(desc: DescMessage, message: Message, types: Types): JsonValue {
  checkMasks(desc, message);
  try {
    const json = toJson(desc, message, { registry: types });
    if (!mayHoldMask(desc)) return json;
    const bytes = toBinary(desc, message);
    const isSaid = sameBytes(toBinary(desc, messageFromJson(desc, json, types)), bytes);
    return isSaid ? json : inBase64(bytes);
  } catch (error) {
    const impossible = impossibleValue(desc, message);
    if (impossible !== undefined) throw impossible;
    const bytes = toBinary(desc, message);
    // A value from a caller in this process that is not a message gets the error of the JSON form.
    if (!isWhole(desc, message)) throw error;
    return inBase64(bytes);
  }
}

/** Whether a message is complete and valid: its bytes decode to the same message. */
export function isWhole(desc: DescMessage, message: Message): boolean {
  try {
    return isSame(fromBinary(desc, toBinary(desc, message)), message);
  } catch {
    return false;
  }
}

function inBase64(bytes: Uint8Array): JsonValue {
  return { [BYTES]: base64Encode(bytes) };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Like `equals` of messages, except that NaN equals NaN. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [first, second] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(first?.[key], second?.[key]));
}

/**
 * Reads a request from its stored form, or from a caller's JSON. @throws {Error} for anything else
 */
export function requestFromKept<Desc extends DescMessage>(
  desc: Desc,
  json: JsonValue,
  types: Types,
): MessageShape<Desc> {
  const bytes = bytesIn(json);
  if (bytes === undefined) return messageFromJson(desc, json, types);
  try {
    return fromBinary(desc, base64Decode(bytes));
  } catch (cause) {
    throw new TypeError(`${BYTES}: expected the bytes of a ${desc.typeName} in base64`, { cause });
  }
}

/** The base64 of a message that is stored as bytes; undefined for other JSON. */
export function bytesIn(json: JsonValue): string | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const { [BYTES]: bytes, ...rest } = json;
  return typeof bytes === "string" && Object.keys(rest).length === 0 ? bytes : undefined;
}
