import type { ServiceMetadataField } from "./metadata.ts";
import { plainRequest } from "./request-json.ts";
import { EMPTY, encodePayload, type Payload, STRUCT } from "../operation/payload.ts";

/**
 * How the values of a method become what is kept, and back: Structs for methods declared in code, the messages of their
 * descriptors for methods declared by protos.
 */
export interface MethodCodec {
  /** A request as JSON, from what callers in this process pass. @throws {TypeError} when it cannot be written */
  request(value: unknown): unknown;
  /** What a handler returned, once its schema took it. @throws {TypeError} beginning with `what` */
  response(what: string, value: unknown): Payload;
  /** What a handler reported, once its schema took it. @throws {TypeError} beginning with `what` */
  metadata(what: string, value: unknown): Payload;
  /** A response with nothing in it, for `validateOnly`. */
  readonly empty: Payload;
  /** A kept payload as callers in this process see it; null for Empty. */
  value(payload: Payload): unknown;
}

/** The codec of methods that are declared in code. */
export const STRUCT_CODEC: MethodCodec = {
  request: plainRequest,
  response: encodePayload,
  metadata: encodePayload,
  empty: { type: STRUCT, json: "{}" },
  value: ({ type, json }) => (type === EMPTY.type ? null : JSON.parse(json)),
};

/** A metadata type that is not a Struct, and which of its fields the service fills. */
export interface MetadataShape {
  /** Full name, such as `google.cloud.redis.v1.OperationMetadata`. */
  readonly type: string;
  /** Names in JSON. A field that the type does not have, or has of another kind, is not there. */
  readonly fields: ReadonlyMap<ServiceMetadataField, string>;
  /** The name in JSON of its text that says what the operation does now; undefined where it has none. */
  readonly statusMessage: string | undefined;
  /** The version of the API that the type belongs to, such as `v1beta1`; undefined where its package names none. */
  readonly apiVersion: string | undefined;
}
