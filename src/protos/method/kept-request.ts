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

/** The key of a request that is kept as its bytes, in base64. No field of a message is called so. */
const BYTES = "@bytes";

/**
 * A request as it is kept: its proto-JSON; where it has none that says all of it, such as one with an `Any` of a type that nobody
 * described or a mask like `labels.Env`, its bytes. The handler gets what the caller sent.
 *
 * @throws {TypeError} for a message that cannot be written; {JsonError} with the field's path for a value that no message can have,
 *   such as a timestamp of the year 10000
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
    // What is no message at all, as callers in this process may bring it, is told as JSON tells it.
    if (!isWhole(desc, message)) throw error;
    return inBase64(bytes);
  }
}

/** Whether a message is one through and through: what is read of its bytes is the same. */
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

/** As `equals` of messages, which takes no NaN for another. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [first, second] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(first?.[key], second?.[key]));
}

/** A request from what is kept, or from the JSON that a caller sends. @throws {Error} for what is no such message */
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

/** The base64 of a message that is kept as its bytes; undefined for any other JSON. */
export function bytesIn(json: JsonValue): string | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const { [BYTES]: bytes, ...rest } = json;
  return typeof bytes === "string" && Object.keys(rest).length === 0 ? bytes : undefined;
}
