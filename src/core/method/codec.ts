import type { ServiceMetadataField } from "./metadata.ts";
import { plainRequest } from "./request-json.ts";
import { EMPTY, encodePayload, type Payload, STRUCT } from "../operation/payload.ts";

/**
 * Converts the values of a method to their stored form, and back: Structs for methods declared in
 * code, the messages of their descriptors for methods declared by protos.
 */
export interface MethodCodec {
  /**
   * Converts a request of a caller in this process to JSON. @throws {TypeError} if it has no JSON
   * form
   */
  request(value: unknown): unknown;
  /**
   * Converts a handler's validated response. @throws {TypeError} with a message that begins with
   * `what`
   */
  response(what: string, value: unknown): Payload;
  /**
   * Converts a handler's validated report. @throws {TypeError} with a message that begins with
   * `what`
   */
  metadata(what: string, value: unknown): Payload;
  /** An empty response, for `validateOnly`. */
  readonly empty: Payload;
  /** A stored payload as callers in this process see it; null for Empty. */
  value(payload: Payload): unknown;
}

/** The codec of methods declared in code. */
export const STRUCT_CODEC: MethodCodec = {
  request: plainRequest,
  response: encodePayload,
  metadata: encodePayload,
  empty: { type: STRUCT, json: "{}" },
  value: ({ type, json }) => (type === EMPTY.type ? null : JSON.parse(json)),
};

/** A metadata type other than Struct, with the fields that the service fills. */
export interface MetadataShape {
  /** Full name, such as `google.cloud.redis.v1.OperationMetadata`. */
  readonly type: string;
  /** Their JSON names. Fields that the type lacks, or has with another kind, are missing. */
  readonly fields: ReadonlyMap<ServiceMetadataField, string>;
  /** The JSON name of the field for the current status as text; undefined if the type has none. */
  readonly statusMessage: string | undefined;
  /** The API version of the type, such as `v1beta1`; undefined if its package names none. */
  readonly apiVersion: string | undefined;
}
