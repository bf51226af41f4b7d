import { writeJson } from "../value/json.ts";
import { LIMITS } from "../limits.ts";
import { hasMoreBytes } from "../value/text.ts";

/**
 * A typed message in its stored form: the full name of its type and its proto-JSON text. It is
 * encoded once, when the handler returns it, and never parsed on the way to a REST caller.
 *
 * For types with a special JSON form (Struct, Timestamp, …) `json` is that form; the wire puts it under `value`
 * (contract section 1.6).
 */
export interface Payload {
  /** Full name without the `type.googleapis.com/` prefix, such as `google.protobuf.Struct`. */
  readonly type: string;
  /** Compact JSON text. */
  readonly json: string;
}

/** The type of code-first payloads: the one free-form message that every typed client can read (contract section 1.6). */
export const STRUCT = "google.protobuf.Struct";

/** The response of a handler that returns nothing. */
export const EMPTY: Payload = { type: "google.protobuf.Empty", json: "{}" };

/** A plain JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * Encodes one of our own values, or a value that is already JSON, as text that every proto-JSON
 * reader accepts. Use {@link writeJson} for users' values: it rejects values that JSON cannot
 * express.
 *
 * Lone surrogates become U+FFFD, because peers reject a whole message for one string with invalid
 * UTF-8.
 *
 * @throws {TypeError} for values that JSON cannot express (bigint, cycles, functions at the top)
 */
export function encodeJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`Cannot encode ${typeof value} as JSON`);
  if (!text.includes("\\ud")) return text;
  return JSON.stringify(wellFormed(value));
}

/** `value` as `JSON.stringify` sees it, with well-formed strings, including keys. */
function wellFormed(value: unknown): unknown {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  const visit = (node: unknown): unknown => {
    if (typeof node === "string") return node.toWellFormed();
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key.toWellFormed(), visit(member)]),
    );
  };
  return visit(plain);
}

/**
 * Encodes a result or a report of a handler declared in code.
 *
 * @param what names the value in the message, such as `response of createArchive`
 * @returns a Struct for an object; {@link EMPTY} for undefined and null
 * @throws {TypeError} for anything else; for values that JSON would lose, with their place; and for
 *   a value above `LIMITS.payloadBytesMax`
 */
export function encodePayload(what: string, value: unknown): Payload {
  if (value === undefined || value === null) return EMPTY;
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(
      `${what}: expected an object or nothing, got ${Array.isArray(value) ? "an array" : typeof value}`,
    );
  }
  const json = written(what, value);
  if (!json.startsWith("{"))
    throw new TypeError(`${what}: expected an object, got one whose JSON is ${json.slice(0, 20)}`);
  return { type: STRUCT, json };
}

function written(what: string, value: unknown): string {
  try {
    return writeJson(value, { bytesMax: LIMITS.payloadBytesMax });
  } catch (cause) {
    throw new TypeError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Checks the depth and size of a payload. @throws {TypeError} above the limits */
export function checkPayload(what: string, payload: Payload): Payload {
  const { json } = payload;
  if (hasMoreBytes(json, LIMITS.payloadBytesMax))
    throw new TypeError(`${what}: must be ${LIMITS.payloadBytesMax} bytes of JSON at most, got more`);
  if (jsonDepth(json) > LIMITS.jsonDepthMax) {
    throw new TypeError(`${what}: must be nested ${LIMITS.jsonDepthMax} levels at most`);
  }
  return payload;
}

/** The depth and size of a JSON text. */
export interface JsonExtent {
  /** The depth of nested objects and arrays; 0 for a scalar. */
  readonly depth: number;
  /** The number of members and elements at all levels. An empty object or array counts as one. */
  readonly values: number;
}

/**
 * Measures a JSON text. It reads only the structural characters and never recurses, so it is safe
 * for any text, before parsing.
 */
export function jsonExtent(text: string): JsonExtent {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 0x22) quoted = !quoted;
    else if (quoted) index += character === 0x5c ? 1 : 0;
    else if (character === 0x2c) values++;
    else if (character === 0x7b || character === 0x5b) {
      values++;
      deepest = Math.max(deepest, ++depth);
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return { depth: deepest, values };
}

/** The depth alone. @see jsonExtent */
export function jsonDepth(text: string): number {
  return jsonExtent(text).depth;
}
