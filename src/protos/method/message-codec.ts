import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  isMessage,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { MethodCodec } from "../../core/method/codec.ts";
import type { ServiceMetadataField } from "../../core/method/metadata.ts";
import { checkPayload, encodeJson, encodePayload, type Payload } from "../../core/operation/payload.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { bytesIn, isWhole, keptRequest } from "./kept-request.ts";
import { messageOf } from "./message-schema.ts";

/** The messages of a method. */
export interface MethodMessages {
  readonly request: DescMessage;
  readonly response: DescMessage;
  /** Undefined if the method has no metadata type of its own. */
  readonly metadata: DescMessage | undefined;
}

/**
 * Stores messages as their proto-JSON, which REST callers get unchanged.
 *
 * @param filled metadata fields that the service fills; values of a handler for them are dropped
 */
export function messageCodec(
  messages: MethodMessages,
  types: Types,
  filled: ReadonlyMap<ServiceMetadataField, string>,
): MethodCodec {
  const byName = new Map(
    [messages.response, messages.metadata ?? EmptySchema].map((desc) => [desc.typeName, desc]),
  );
  const json = (desc: DescMessage, value: unknown): JsonValue =>
    toJson<DescMessage, { registry: Types }>(desc, messageOf(desc, value, types), { registry: types });
  const { request, response, metadata } = messages;
  return {
    request: (value) => requestOf(request, value, types),
    response: (what, value) => payloadOf(what, response, () => json(response, value)),
    metadata:
      metadata === undefined
        ? encodePayload
        : (what, value) => payloadOf(what, metadata, () => without(json(metadata, value), filled)),
    empty: { type: response.typeName, json: encodeJson(toJson(response, create(response))) },
    value: ({ type, json: text }) => valueOf(byName.get(type), text, types),
  };
}

/**
 * The stored form of a request, which may be any value from code, or a message that proto-JSON
 * cannot express.
 */
function requestOf(desc: DescMessage, value: unknown, types: Types): JsonValue {
  let message: Message;
  try {
    message = messageOf(desc, value, types);
  } catch (error) {
    if (!isMessage(value, desc) || !isWhole(desc, value)) throw error;
    message = value;
  }
  return keptRequest(desc, message, types);
}

function payloadOf(what: string, desc: DescMessage, json: () => JsonValue): Payload {
  try {
    return checkPayload(what, { type: desc.typeName, json: encodeJson(json()) });
  } catch (cause) {
    throw new TypeError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function without(json: JsonValue, filled: ReadonlyMap<ServiceMetadataField, string>): JsonValue {
  const names = new Set(filled.values());
  return Object.fromEntries(
    Object.entries(json as Record<string, JsonValue>).filter(([name]) => !names.has(name)),
  );
}

/** A message; null for Empty; plain JSON for a type that the method no longer has. */
function valueOf(desc: DescMessage | undefined, text: string, types: Types): Message | JsonValue {
  if (desc === undefined) return JSON.parse(text) as JsonValue;
  if (desc.typeName === EmptySchema.typeName) return null;
  const json = JSON.parse(text) as JsonValue;
  const bytes = bytesIn(json);
  if (bytes !== undefined) return fromBinary(desc, base64Decode(bytes));
  return fromJson(desc, json, { registry: types, ignoreUnknownFields: true });
}
